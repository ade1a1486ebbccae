"""One HTTP endpoint that behaves as an AWS account: our own ELBv2, and moto behind it for the rest."""
