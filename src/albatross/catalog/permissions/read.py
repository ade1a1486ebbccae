"""What the controller reads."""

from albatross.catalog.permissions.call import rows

ROWS = (
    *rows(
        "ReadNetwork",
        "ec2",
        "the network of load balancers and targets",
        "DescribeAvailabilityZones",
        "DescribeInstances",
        "DescribeNetworkInterfaces",
        "DescribeRouteTables",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcs",
    ),
    *rows(
        "ReadLoadBalancers",
        "elbv2",
        "the existing load balancers",
        "DescribeCapacityReservation",
        "DescribeListenerAttributes",
        "DescribeListenerCertificates",
        "DescribeListeners",
        "DescribeLoadBalancerAttributes",
        "DescribeLoadBalancers",
        "DescribeRules",
        "DescribeTags",
        "DescribeTargetGroupAttributes",
        "DescribeTargetGroups",
        "DescribeTargetHealth",
        "DescribeTrustStores",
    ),
    *rows("ReadAccount", "sts", "the id of the account; AWS allows it without a policy", "GetCallerIdentity"),
)
