"""What the targets loop needs of AWS: registration, health, network interfaces, security group rules."""
