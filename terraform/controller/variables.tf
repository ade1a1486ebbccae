variable "cluster_name" {
  description = "The name of the EKS cluster. It must be the value of --cluster-name of the controller: names and tags in AWS depend on it."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$", var.cluster_name))
    error_message = "A cluster name has at most 100 letters, digits, hyphens and underscores, and starts with a letter or a digit."
  }
}

variable "name" {
  description = "The name of the role. A policy has the same name with a number after it. Default: albatross-<cluster name>."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{0,64}$", var.name))
    error_message = "The name of a role has at most 64 letters, digits and characters of _+=,.@-"
  }
}

variable "identity" {
  description = "How the controller gets the role: pod-identity needs the EKS Pod Identity Agent in the cluster, irsa needs an OIDC provider in IAM."
  type        = string
  default     = "pod-identity"

  validation {
    condition     = contains(["pod-identity", "irsa"], var.identity)
    error_message = "The identity is pod-identity or irsa."
  }
}

variable "oidc_provider_arn" {
  description = "The ARN of the OIDC provider of the cluster in IAM. Required for irsa."
  type        = string
  default     = ""

  validation {
    condition     = var.oidc_provider_arn == "" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/.+$", var.oidc_provider_arn))
    error_message = "Write the ARN of the provider, such as arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC."
  }
}

variable "cluster_arn" {
  description = "The ARN of the cluster. If it is set, only pods of this cluster get the role with pod-identity. Recommended."
  type        = string
  default     = ""

  validation {
    condition     = var.cluster_arn == "" || can(regex("^arn:[a-z-]+:eks:[a-z0-9-]+:[0-9]{12}:cluster/.+$", var.cluster_arn))
    error_message = "Write the ARN of the cluster, such as arn:aws:eks:eu-west-1:111122223333:cluster/prod."
  }
}

variable "namespace" {
  description = "The namespace of the controller's ServiceAccount."
  type        = string
  default     = "kube-system"
}

variable "service_account" {
  description = "The name of the controller's ServiceAccount."
  type        = string
  default     = "aws-load-balancer-controller"
}

variable "scope" {
  description = "cluster: the policy allows writes only to resources with the tag of this cluster. account: with the tag of any cluster."
  type        = string
  default     = "cluster"

  validation {
    condition     = contains(["cluster", "account"], var.scope)
    error_message = "The scope is cluster or account."
  }
}

variable "path" {
  description = "The path of the role and the policies in IAM."
  type        = string
  default     = "/"
}

variable "permissions_boundary" {
  description = "The ARN of a policy that limits the role, if your account requires one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for the role, the policies and the association."
  type        = map(string)
  default     = {}
}
