"""A whole world on loopback: a Kubernetes API, an AWS account, a data plane and pods, with nothing of the controller inside."""
