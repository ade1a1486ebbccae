"""Zones of network load balancers: which targets a zone's address reaches, and which addresses a name has; pure.

https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#availability-zones
"""

from collections.abc import Iterator

from albatross_sandbox.envoy import name
from albatross_sandbox.envoy.cluster import reached, serving
from albatross_sandbox.envoy.state import Forward, LoadBalancer, Place, State, TargetGroup

_CROSS = "load_balancing.cross_zone.enabled"


def crosses(balancer: LoadBalancer, group: TargetGroup) -> bool:
    """Whether every zone's address reaches targets of all zones: as the target group says, else as the load balancer does."""
    own = group.attributes.get(_CROSS, "")
    return not balancer.zones or (own if own in ("true", "false") else balancer.attributes.get(_CROSS)) == "true"


def cluster(balancer: LoadBalancer, group: TargetGroup | None, arn: str, zone: str) -> str:
    """The name of the cluster that a zone's address forwards to."""
    return name.resource(arn) if group is None or crosses(balancer, group) else name.zonal(arn, zone)


def bound(state: State) -> list[tuple[TargetGroup, str]]:
    """The target groups, each with a zone, whose targets in that zone are a cluster of their own."""
    found = {
        (group.arn, each.name)
        for balancer in state.load_balancers
        for group in _groups(balancer, state)
        for each in balancer.zones
        if not crosses(balancer, group)
    }
    return [(state.target_groups[arn], zone) for arn, zone in sorted(found)]


def addresses(balancer: LoadBalancer, state: State, place: Place) -> tuple[str, ...]:
    """What the name of a load balancer resolves to: zones without a target that serves are left out, unless all would be."""
    groups = [group for group in _groups(balancer, state) if not crosses(balancer, group) and serving(group)]
    fit = tuple(address for zone, address in place.zones.items() if all(reached(group, zone) for group in groups))
    return fit or tuple(place.zones.values()) or (place.address,)


def _groups(balancer: LoadBalancer, state: State) -> Iterator[TargetGroup]:
    finals = [rule.final for listener in balancer.listeners for rule in listener.rules]
    arns = [each.target_group for final in finals if isinstance(final, Forward) for each in final.groups]
    return (state.target_groups[arn] for arn in arns if arn in state.target_groups)
