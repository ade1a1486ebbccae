data "aws_partition" "current" {}

locals {
  name      = var.name == "" ? "albatross-${var.cluster_name}" : var.name
  partition = data.aws_partition.current.partition
  # The trust policy compares claims of tokens; the name of a claim starts with the issuer, without https://.
  issuer = try(split(":oidc-provider/", var.oidc_provider_arn)[1], "")
  way    = var.identity == "irsa" ? "irsa" : var.cluster_arn == "" ? "pod-identity" : "pod-identity-of-one-cluster"
}

resource "aws_iam_policy" "controller" {
  for_each = local.numbers

  name        = "${local.name}-${each.key}"
  path        = var.path
  description = "What the load balancer controller of cluster ${var.cluster_name} needs (${each.key})"
  policy      = jsonencode(local.documents[each.key])
  tags        = var.tags
}

resource "aws_iam_role" "controller" {
  name                 = local.name
  path                 = var.path
  description          = "The load balancer controller of cluster ${var.cluster_name}"
  assume_role_policy   = jsonencode(local.trust[local.way])
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = var.identity != "irsa" || var.oidc_provider_arn != ""
      error_message = "identity = \"irsa\" needs oidc_provider_arn. List the providers with: aws iam list-open-id-connect-providers"
    }
  }
}

resource "aws_iam_role_policy_attachment" "controller" {
  for_each = aws_iam_policy.controller

  role       = aws_iam_role.controller.name
  policy_arn = each.value.arn
}

resource "aws_eks_pod_identity_association" "controller" {
  count = var.identity == "pod-identity" ? 1 : 0

  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.controller.arn
  tags            = var.tags
}
