"""Maps in annotations that Ingresses and Services have alike: pairs → the value that they mean, or the same pairs if they are right."""

from albatross.catalog.attributes import LOAD_BALANCER
from albatross.catalog.value import Fault, Parsed, int32, unlisted

Pairs = tuple[tuple[str, str], ...]

_POLICY = "dns_record.client_routing_policy"
"""The attribute of which the controller checks the value itself."""


def routed(pairs: Pairs) -> Parsed[Pairs]:
    """The attributes of a network load balancer, if their routing policy is one that AWS knows."""
    policy = dict(pairs).get(_POLICY)
    if policy is not None and policy not in LOAD_BALANCER[_POLICY].words:
        return unlisted(policy, LOAD_BALANCER[_POLICY].words)
    return Parsed(pairs)


def capacity_units(pairs: Pairs) -> Parsed[int]:
    """The value of `CapacityUnits`, the only key."""
    faults = tuple(Fault("LB139", (("key", key),)) for key, _ in pairs if key != "CapacityUnits")
    value = dict(pairs).get("CapacityUnits")
    return Parsed(None, faults) if value is None or faults else int32(value)
