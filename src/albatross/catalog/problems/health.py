"""LB258 and LB439: targets that cannot become healthy, because of rules of a load balancer or of security groups."""

from albatross.catalog.problems.example import ingress, swapped
from albatross.catalog.problems.row import Example, ProblemRow

_NODES = """ec2.DescribeSecurityGroups:
- GroupId: sg-0864108d11dadf668
  VpcId: vpc-bb5e6cc5b903172e8
- GroupId: sg-461e125c4376846e8
  VpcId: vpc-bb5e6cc5b903172e8
  Tags: [{Key: kubernetes.io/cluster/prod-eks, Value: owned}]
  IpPermissions: [{IpProtocol: '-1', UserIdGroupPairs: [{GroupId: sg-461e125c4376846e8}]}]
"""
"""Nodes that admit only each other."""
_OWN = {"security-groups": "sg-0864108d11dadf668"}

ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB258",
        slug="health-check-answered-by-rules",
        severity="note",
        summary="the health check of the network load balancer requests {path} on port {port}, and the application load balancer answers "
        "{status}, which is not one of: {codes}",
        why="the request has an address as its host, so rules with a host do not match it; if no target is healthy, AWS uses all, but "
        "alarms fire, and an outage is not found",
        fix="write {way}",
        example=swapped(
            {"enable-frontend-nlb": "true"}, {"enable-frontend-nlb": "true", "frontend-nlb-healthcheck-success-codes": "200,404"}
        ),
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html",
    ),
    ProblemRow(
        code="LB439",
        slug="targets-closed-to-security-groups",
        severity="warning",
        summary="no security group of the nodes and pods ({targets}) admits traffic from {groups} to the port {ports}",
        why="if an annotation gives the security groups, the controller adds no rules to those of the targets; then no target is healthy",
        fix="set manage-backend-security-group-rules to true in the same place, or add these rules yourself",
        example=Example(ingress(_OWN), ingress({**_OWN, "manage-backend-security-group-rules": "true"}), account=_NODES),
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html#target-security-groups",
    ),
)
