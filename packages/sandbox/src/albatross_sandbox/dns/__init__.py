"""A resolver on a loopback port, as the VPC of the sandbox has one: hosted zones of the account, and names of load balancers."""
