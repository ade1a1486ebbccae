output "arn" {
  description = "The ARN of the load balancer."
  value       = data.aws_lb.found.arn
}

output "dns_name" {
  description = "The DNS name of the load balancer."
  value       = data.aws_lb.found.dns_name
}

output "zone_id" {
  description = "The hosted zone of the DNS name, for alias records of your own."
  value       = data.aws_lb.found.zone_id
}

output "security_groups" {
  description = "The ids of the security groups of the load balancer."
  value       = data.aws_lb.found.security_groups
}

output "names" {
  description = "The names of the alias records."
  value       = [for each in aws_route53_record.ipv4 : each.fqdn]
}
