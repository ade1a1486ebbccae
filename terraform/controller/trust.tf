# Written by `make docs` from the catalog; edits are lost.

locals {
  trust = {
    irsa = {
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Federated = var.oidc_provider_arn
          }
          Action = ["sts:AssumeRoleWithWebIdentity"]
          Condition = {
            StringEquals = {
              "${local.issuer}:aud" = "sts.amazonaws.com"
              "${local.issuer}:sub" = "system:serviceaccount:${var.namespace}:${var.service_account}"
            }
          }
        },
      ]
    }
    pod-identity = {
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "pods.eks.amazonaws.com"
          }
          Action = [
            "sts:AssumeRole",
            "sts:TagSession",
          ]
          Condition = {
            StringEquals = {
              "aws:RequestTag/kubernetes-namespace"       = var.namespace
              "aws:RequestTag/kubernetes-service-account" = var.service_account
            }
          }
        },
      ]
    }
    pod-identity-of-one-cluster = {
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "pods.eks.amazonaws.com"
          }
          Action = [
            "sts:AssumeRole",
            "sts:TagSession",
          ]
          Condition = {
            StringEquals = {
              "aws:RequestTag/kubernetes-namespace"       = var.namespace
              "aws:RequestTag/kubernetes-service-account" = var.service_account
              "aws:RequestTag/eks-cluster-arn"            = var.cluster_arn
            }
          }
        },
      ]
    }
  }
}
