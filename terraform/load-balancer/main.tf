data "aws_lb" "found" {
  tags = {
    (local.tag.cluster)  = var.cluster_name
    (local.tag.stack)    = var.stack
    (local.tag.resource) = var.frontend_nlb ? local.frontend : local.balancer
  }

  lifecycle {
    postcondition {
      condition     = length(var.names) == 0 || var.zone_id != ""
      error_message = "names needs zone_id, the hosted zone of the records."
    }
  }
}

locals {
  dualstack = startswith(data.aws_lb.found.ip_address_type, "dualstack")
}

resource "aws_route53_record" "ipv4" {
  for_each = var.names

  zone_id = var.zone_id
  name    = each.key
  type    = "A"

  alias {
    name                   = data.aws_lb.found.dns_name
    zone_id                = data.aws_lb.found.zone_id
    evaluate_target_health = var.evaluate_target_health
  }
}

resource "aws_route53_record" "ipv6" {
  for_each = local.dualstack ? var.names : []

  zone_id = var.zone_id
  name    = each.key
  type    = "AAAA"

  alias {
    name                   = data.aws_lb.found.dns_name
    zone_id                = data.aws_lb.found.zone_id
    evaluate_target_health = var.evaluate_target_health
  }
}
