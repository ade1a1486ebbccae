# Written by `make docs` from the catalog; edits are lost.

locals {
  tag = {
    cluster  = "elbv2.k8s.aws/cluster"
    stack    = "ingress.k8s.aws/stack"
    resource = "ingress.k8s.aws/resource"
  }
  # The value of the tag `resource` of each load balancer of a stack.
  balancer = "LoadBalancer"
  frontend = "FrontendNlb"
}
