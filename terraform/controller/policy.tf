# Written by `make docs` from the catalog; edits are lost.

variable "features" {
  description = "The features that the policy allows; core and security-groups are always included. All: core, security-groups, certificates, certificate-creation, dns, wafv2, waf-regional, shield, cognito, cross-account, given-target-groups, command-line."
  type        = set(string)
  default = [
    "certificates",
    "wafv2",
    "waf-regional",
    "shield",
    "cognito",
  ]
  validation {
    condition     = length(setsubtract(var.features, ["core", "security-groups", "certificates", "certificate-creation", "dns", "wafv2", "waf-regional", "shield", "cognito", "cross-account", "given-target-groups", "command-line"])) == 0
    error_message = "The features are core, security-groups, certificates, certificate-creation, dns, wafv2, waf-regional, shield, cognito, cross-account, given-target-groups, command-line."
  }
}

locals {
  # A key is the number of the policy that has the statements: one policy would be too long.
  policies = {
    "1" = [
      # the network of load balancers and targets
      {
        feature = "core"
        statement = {
          Sid    = "ReadNetwork"
          Effect = "Allow"
          Action = [
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # the existing load balancers
      {
        feature = "core"
        statement = {
          Sid    = "ReadLoadBalancers"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:DescribeCapacityReservation",
            "elasticloadbalancing:DescribeListenerAttributes",
            "elasticloadbalancing:DescribeListenerCertificates",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticloadbalancing:DescribeTrustStores",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # only with our tag
      {
        feature = "core"
        statement = {
          Sid    = "CreateTagged"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateTargetGroup",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # listeners and rules
      {
        feature = "core"
        statement = {
          Sid    = "ChangeListeners"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:AddListenerCertificates",
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:DeleteRule",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:RemoveListenerCertificates",
            "elasticloadbalancing:SetRulePriorities",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {}
        }
      },
      # only for resources with our tag
      {
        feature = "core"
        statement = {
          Sid    = "ChangeTagged"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:ModifyCapacityReservation",
            "elasticloadbalancing:ModifyIpPools",
            "elasticloadbalancing:ModifyListenerAttributes",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:SetIpAddressType",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            Null = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # targets
      {
        feature = "core"
        statement = {
          Sid    = "ChangeTargets"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:RegisterTargets",
          ]
          Resource = ["arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {}
        }
      },
      # tags of resources that already have our tag
      {
        feature = "core"
        statement = {
          Sid    = "TagOwn"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:RemoveTags",
          ]
          Resource = [
            "arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/net/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/app/*/*",
          ]
        }
        condition = {
          cluster = {
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = "true"
            }
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster"  = "true"
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # tags of listeners and rules
      {
        feature = "core"
        statement = {
          Sid    = "TagListeners"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:RemoveTags",
          ]
          Resource = [
            "arn:${local.partition}:elasticloadbalancing:*:*:listener/net/*/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:listener/app/*/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:listener-rule/net/*/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:listener-rule/app/*/*/*",
          ]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {}
        }
      },
      # tags given at creation
      {
        feature = "core"
        statement = {
          Sid    = "TagListenersAtCreation"
          Effect = "Allow"
          Action = ["elasticloadbalancing:AddTags"]
          Resource = [
            "arn:${local.partition}:elasticloadbalancing:*:*:listener/net/*/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:listener/app/*/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:listener-rule/net/*/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:listener-rule/app/*/*/*",
          ]
        }
        condition = {
          cluster = {
            StringEquals = {
              "elasticloadbalancing:CreateAction" = [
                "CreateListener",
                "CreateRule",
              ]
              "aws:RequestTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            StringEquals = {
              "elasticloadbalancing:CreateAction" = [
                "CreateListener",
                "CreateRule",
              ]
            }
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # tags given at creation
      {
        feature = "core"
        statement = {
          Sid    = "TagAtCreation"
          Effect = "Allow"
          Action = ["elasticloadbalancing:AddTags"]
          Resource = [
            "arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/net/*/*",
            "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/app/*/*",
          ]
        }
        condition = {
          cluster = {
            StringEquals = {
              "elasticloadbalancing:CreateAction" = [
                "CreateTargetGroup",
                "CreateLoadBalancer",
              ]
              "aws:RequestTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            StringEquals = {
              "elasticloadbalancing:CreateAction" = [
                "CreateTargetGroup",
                "CreateLoadBalancer",
              ]
            }
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # elbv2 creates its service-linked role with the first load balancer
      {
        feature = "core"
        statement = {
          Sid      = "MakeServiceLinkedRole"
          Effect   = "Allow"
          Action   = ["iam:CreateServiceLinkedRole"]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "iam:AWSServiceName" = "elasticloadbalancing.amazonaws.com"
            }
          }
          account = {
            StringEquals = {
              "iam:AWSServiceName" = "elasticloadbalancing.amazonaws.com"
            }
          }
        }
      },
      # elbv2 checks these for the caller when a load balancer is created or changed
      {
        feature = "core"
        statement = {
          Sid    = "ReadForLoadBalancers"
          Effect = "Allow"
          Action = [
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAddresses",
            "ec2:DescribeCoipPools",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeIpamPools",
            "ec2:DescribeTags",
            "ec2:DescribeVpcPeeringConnections",
            "ec2:GetCoipPoolUsage",
            "ec2:GetSecurityGroupsForVpc",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # rules of our security groups
      {
        feature = "security-groups"
        statement = {
          Sid    = "OpenOwnPorts"
          Effect = "Allow"
          Action = [
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {}
        }
      },
    ]
    "2" = [
      # rules of the security groups of nodes and pods, which have the Kubernetes tag of the cluster
      {
        feature = "security-groups"
        statement = {
          Sid    = "OpenTargetPorts"
          Effect = "Allow"
          Action = [
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/kubernetes.io/cluster/${var.cluster_name}" = [
                "owned",
                "shared",
              ]
            }
          }
          account = {}
        }
      },
      # the frontend and backend security groups
      {
        feature = "security-groups"
        statement = {
          Sid      = "CreateSecurityGroups"
          Effect   = "Allow"
          Action   = ["ec2:CreateSecurityGroup"]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # only for resources with our tag
      {
        feature = "security-groups"
        statement = {
          Sid      = "DeleteSecurityGroups"
          Effect   = "Allow"
          Action   = ["ec2:DeleteSecurityGroup"]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            Null = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # tags given at creation
      {
        feature = "security-groups"
        statement = {
          Sid      = "TagSecurityGroupsAtCreation"
          Effect   = "Allow"
          Action   = ["ec2:CreateTags"]
          Resource = ["arn:${local.partition}:ec2:*:*:security-group/*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "ec2:CreateAction"                     = "CreateSecurityGroup"
              "aws:RequestTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            StringEquals = {
              "ec2:CreateAction" = "CreateSecurityGroup"
            }
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # tags of resources that already have our tag
      {
        feature = "security-groups"
        statement = {
          Sid    = "TagSecurityGroups"
          Effect = "Allow"
          Action = [
            "ec2:CreateTags",
            "ec2:DeleteTags",
          ]
          Resource = ["arn:${local.partition}:ec2:*:*:security-group/*"]
        }
        condition = {
          cluster = {
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = "true"
            }
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster"  = "true"
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # discovery of certificates by host
      {
        feature = "certificates"
        statement = {
          Sid    = "FindCertificates"
          Effect = "Allow"
          Action = [
            "acm:DescribeCertificate",
            "acm:ListCertificates",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # certificates in IAM
      {
        feature = "certificates"
        statement = {
          Sid    = "FindServerCertificates"
          Effect = "Allow"
          Action = [
            "iam:GetServerCertificate",
            "iam:ListServerCertificates",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # tags of our certificates
      {
        feature = "certificate-creation"
        statement = {
          Sid    = "TagCertificates"
          Effect = "Allow"
          Action = [
            "acm:AddTagsToCertificate",
            "acm:ListTagsForCertificate",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # only with our tag
      {
        feature = "certificate-creation"
        statement = {
          Sid      = "RequestCertificates"
          Effect   = "Allow"
          Action   = ["acm:RequestCertificate"]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            Null = {
              "aws:RequestTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # only for resources with our tag
      {
        feature = "certificate-creation"
        statement = {
          Sid      = "DeleteCertificates"
          Effect   = "Allow"
          Action   = ["acm:DeleteCertificate"]
          Resource = ["*"]
        }
        condition = {
          cluster = {
            StringEquals = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = var.cluster_name
            }
          }
          account = {
            Null = {
              "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false"
            }
          }
        }
      },
      # DNS records that validate a domain
      {
        feature = "certificate-creation"
        statement = {
          Sid    = "ProveDomains"
          Effect = "Allow"
          Action = [
            "route53:ChangeResourceRecordSets",
            "route53:ListHostedZones",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # ACM needs these for certificates of a private CA
      {
        feature = "certificate-creation"
        statement = {
          Sid    = "IssuePrivateCertificates"
          Effect = "Allow"
          Action = [
            "acm-pca:GetCertificate",
            "acm-pca:IssueCertificate",
            "acm-pca:ListPermissions",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # the zones of the hosts
      {
        feature = "dns"
        statement = {
          Sid    = "FindZones"
          Effect = "Allow"
          Action = [
            "route53:ListHostedZones",
            "route53:ListHostedZonesByVPC",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # existing records, and their owners
      {
        feature = "dns"
        statement = {
          Sid      = "ReadRecords"
          Effect   = "Allow"
          Action   = ["route53:ListResourceRecordSets"]
          Resource = ["arn:${local.partition}:route53:::hostedzone/*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # aliases to load balancers; limit it to your zones
      {
        feature = "dns"
        statement = {
          Sid      = "ChangeRecords"
          Effect   = "Allow"
          Action   = ["route53:ChangeResourceRecordSets"]
          Resource = ["arn:${local.partition}:route53:::hostedzone/*"]
        }
        condition = {
          cluster = {
            "ForAllValues:StringEquals" = {
              "route53:ChangeResourceRecordSetsActions" = [
                "CREATE",
                "DELETE",
              ]
              "route53:ChangeResourceRecordSetsRecordTypes" = [
                "A",
                "AAAA",
                "TXT",
              ]
            }
          }
          account = {
            "ForAllValues:StringEquals" = {
              "route53:ChangeResourceRecordSetsActions" = [
                "CREATE",
                "DELETE",
              ]
              "route53:ChangeResourceRecordSetsRecordTypes" = [
                "A",
                "AAAA",
                "TXT",
              ]
            }
          }
        }
      },
      # web ACLs
      {
        feature = "wafv2"
        statement = {
          Sid    = "AssociateWebAcls"
          Effect = "Allow"
          Action = [
            "wafv2:AssociateWebACL",
            "wafv2:DisassociateWebACL",
            "wafv2:GetWebACLForResource",
            "wafv2:ListWebACLs",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # AWS checks it for an association
      {
        feature = "wafv2"
        statement = {
          Sid    = "AssociateWebAclsImplied"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:SetWebAcl",
            "wafv2:GetWebACL",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # classic web ACLs
      {
        feature = "waf-regional"
        statement = {
          Sid    = "AssociateClassicWebAcls"
          Effect = "Allow"
          Action = [
            "waf-regional:AssociateWebACL",
            "waf-regional:DisassociateWebACL",
            "waf-regional:GetWebACLForResource",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # AWS checks it for an association
      {
        feature = "waf-regional"
        statement = {
          Sid      = "AssociateClassicWebAclsImplied"
          Effect   = "Allow"
          Action   = ["waf-regional:GetWebACL"]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # Shield Advanced
      {
        feature = "shield"
        statement = {
          Sid    = "Protect"
          Effect = "Allow"
          Action = [
            "shield:CreateProtection",
            "shield:DeleteProtection",
            "shield:DescribeProtection",
            "shield:GetSubscriptionState",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # AWS checks it for an authenticate-cognito action
      {
        feature = "cognito"
        statement = {
          Sid      = "AuthenticateCognito"
          Effect   = "Allow"
          Action   = ["cognito-idp:DescribeUserPoolClient"]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # target groups of other accounts; limit it to the roles that bindings name
      {
        feature = "cross-account"
        statement = {
          Sid      = "AssumeRoles"
          Effect   = "Allow"
          Action   = ["sts:AssumeRole"]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # targets of target groups that TargetGroupBindings name and this cluster did not create
      {
        feature = "given-target-groups"
        statement = {
          Sid    = "ChangeGivenTargets"
          Effect = "Allow"
          Action = [
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:RegisterTargets",
          ]
          Resource = ["arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # `albatross iam diff`, with the credentials of the user
      {
        feature = "command-line"
        statement = {
          Sid    = "CompareRoles"
          Effect = "Allow"
          Action = [
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # `albatross install`, with the credentials of the user: the region, the VPC and the address of the cluster
      {
        feature = "command-line"
        statement = {
          Sid      = "ReadCluster"
          Effect   = "Allow"
          Action   = ["eks:DescribeCluster"]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # `albatross doctor`, with the credentials of the user: the OIDC providers, and the trust policy of the role
      {
        feature = "command-line"
        statement = {
          Sid    = "DiagnoseIdentity"
          Effect = "Allow"
          Action = [
            "iam:GetRole",
            "iam:ListOpenIDConnectProviders",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # `albatross doctor`, with the credentials of the user: the EKS Pod Identity association of the controller
      {
        feature = "command-line"
        statement = {
          Sid    = "DiagnosePodIdentity"
          Effect = "Allow"
          Action = [
            "eks:DescribePodIdentityAssociation",
            "eks:ListPodIdentityAssociations",
          ]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # `albatross doctor`, with the credentials of the user: the quotas of load balancing
      {
        feature = "command-line"
        statement = {
          Sid      = "DiagnoseQuotas"
          Effect   = "Allow"
          Action   = ["elasticloadbalancing:DescribeAccountLimits"]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
      # `albatross doctor`, with the credentials of the user: the quotas of security groups; without it, they are left out
      {
        feature = "command-line"
        statement = {
          Sid      = "DiagnoseVpcQuotas"
          Effect   = "Allow"
          Action   = ["servicequotas:GetServiceQuota"]
          Resource = ["*"]
        }
        condition = {
          cluster = {}
          account = {}
        }
      },
    ]
  }
}
