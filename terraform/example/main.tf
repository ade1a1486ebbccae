# A cluster, the role of its controller, and a name for its load balancer.
#
#   terraform apply                        the role; then install the controller and apply the Ingress
#   terraform apply -var serving=true      when the Ingress has an address: the name

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.33"
    }
  }
}

variable "cluster_name" {
  description = "The name of an existing EKS cluster with the EKS Pod Identity Agent."
  type        = string
}

variable "zone" {
  description = "The hosted zone of the name, such as example.com."
  type        = string
}

variable "serving" {
  description = "Whether the Ingress has an address. The load balancer does not exist before."
  type        = bool
  default     = false
}

data "aws_eks_cluster" "this" {
  name = var.cluster_name
}

data "aws_route53_zone" "this" {
  name = var.zone
}

module "controller" {
  source = "../controller"

  cluster_name = var.cluster_name
  cluster_arn  = data.aws_eks_cluster.this.arn
  features     = ["certificates"]
}

module "shop" {
  source = "../load-balancer"
  count  = var.serving ? 1 : 0

  cluster_name = var.cluster_name
  stack        = "shop/web"
  zone_id      = data.aws_route53_zone.this.zone_id
  names        = ["shop.${var.zone}"]
}

output "role_arn" {
  description = "The role of the controller."
  value       = module.controller.role_arn
}

output "names" {
  description = "The names that answer."
  value       = flatten(module.shop[*].names)
}
