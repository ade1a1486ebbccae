output "role_arn" {
  description = "The ARN of the role."
  value       = aws_iam_role.controller.arn
}

output "role_name" {
  description = "The name of the role. Compare it with what the controller needs: albatross iam diff NAME."
  value       = aws_iam_role.controller.name
}

output "policy_arns" {
  description = "The ARNs of the policies."
  value       = [for each in aws_iam_policy.controller : each.arn]
}

output "service_account_annotations" {
  description = "The annotations of the ServiceAccount: the role for irsa, none for pod-identity."
  value       = var.identity == "irsa" ? { "eks.amazonaws.com/role-arn" = aws_iam_role.controller.arn } : {}
}
