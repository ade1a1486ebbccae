# The documents of the policies, made from the statements in policy.tf. Nothing in this file depends on AWS.
locals {
  features = setunion(var.features, ["core", "security-groups"])

  # The policies that have a statement. They depend on the features alone, so that Terraform knows them before it creates anything.
  numbers = toset([
    for number, found in local.policies : number
    if length([for each in found : each.feature if contains(local.features, each.feature)]) > 0
  ])

  documents = {
    for number, found in local.policies : number => {
      Version = "2012-10-17"
      Statement = [
        for each in found : merge(
          each.statement,
          # A statement without a condition has no key Condition.
          { for key, value in { Condition = each.condition[var.scope] } : key => value if length(value) > 0 },
        )
        if contains(local.features, each.feature)
      ]
    }
  }
}
