"""Web ACLs, Shield Advanced and Cognito."""

from albatross.catalog.permissions.call import implied, rows

ROWS = (
    *rows(
        "AssociateWebAcls",
        "wafv2",
        "web ACLs",
        "AssociateWebACL",
        "DisassociateWebACL",
        "GetWebACLForResource",
        "ListWebACLs",
        feature="wafv2",
    ),
    *implied(
        "AssociateWebAclsImplied", "AWS checks it for an association", "wafv2:GetWebACL", "elasticloadbalancing:SetWebAcl", feature="wafv2"
    ),
    *rows(
        "AssociateClassicWebAcls",
        "waf-regional",
        "classic web ACLs",
        "AssociateWebACL",
        "DisassociateWebACL",
        "GetWebACLForResource",
        feature="waf-regional",
    ),
    *implied("AssociateClassicWebAclsImplied", "AWS checks it for an association", "waf-regional:GetWebACL", feature="waf-regional"),
    *rows(
        "Protect",
        "shield",
        "Shield Advanced",
        "CreateProtection",
        "DeleteProtection",
        "DescribeProtection",
        "GetSubscriptionState",
        feature="shield",
    ),
    *implied(
        "AuthenticateCognito", "AWS checks it for an authenticate-cognito action", "cognito-idp:DescribeUserPoolClient", feature="cognito"
    ),
)
