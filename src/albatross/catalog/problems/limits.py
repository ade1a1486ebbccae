"""LB4##: what AWS would refuse because it is too many, too long or too large."""

from albatross.catalog.problems.row import Row

_LIMITS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"

ROWS: tuple[Row, ...] = (
    Row(
        code="LB401",
        slug="over-quota",
        severity="warning",
        summary="{count} {what}, AWS allows {limit}{adjustable}",
        source=_LIMITS,
        why="AWS refuses what is over the quota, and then nothing of the rest may be applied",
        fix="split the group, or have the quota raised where it can be",
    ),
)
