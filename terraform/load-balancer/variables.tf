variable "cluster_name" {
  description = "The name of the EKS cluster, as the controller knows it (--cluster-name)."
  type        = string

  validation {
    condition     = var.cluster_name != ""
    error_message = "The load balancer is found by the name of its cluster."
  }
}

variable "stack" {
  description = "The Ingress of the load balancer as namespace/name, or the name of its group (annotation group.name)."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$", var.stack))
    error_message = "Write namespace/name for one Ingress, such as shop/web, or the name of a group, such as public."
  }
}

variable "frontend_nlb" {
  description = "Find the network load balancer in front of the Ingress (annotation enable-frontend-nlb) instead of the application load balancer."
  type        = bool
  default     = false
}

variable "zone_id" {
  description = "The Route 53 hosted zone for the alias records. Required if names has a name."
  type        = string
  default     = ""
}

variable "names" {
  description = "Names that become alias records for the load balancer, such as shop.example.com."
  type        = set(string)
  default     = []
}

variable "evaluate_target_health" {
  description = "Whether Route 53 answers with the load balancer only while it has healthy targets."
  type        = bool
  default     = false
}
