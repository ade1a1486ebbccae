"""Reserved capacity of load balancers, in LCUs."""

from albatross.aws.session.client import Session


async def reserved(session: Session, arn: str) -> int:
    """The minimum capacity that is set; 0 if there is none."""
    found = await session.call("elbv2", "DescribeCapacityReservation", LoadBalancerArn=arn)
    return int((found.get("MinimumLoadBalancerCapacity") or {}).get("CapacityUnits") or 0)
