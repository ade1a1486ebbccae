"""The AWS calls of the targets loop: registration, health, network interfaces, security group rules."""
