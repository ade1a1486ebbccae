"""Capacity unit reservations."""

from albatross_sandbox.aws import load_balancer
from albatross_sandbox.aws.clock import moment
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import LoadBalancer, Request, Result, Store

_SMALLEST = {"application": 100, "network": 2750}  # user guide, "Capacity reservations"


def describe(store: Store, request: Request) -> Result:
    """DescribeCapacityReservation."""
    return _shown(store.load_balancer(request["LoadBalancerArn"]))


def modify(store: Store, request: Request) -> Result:
    """ModifyCapacityReservation."""
    lb = store.load_balancer(request["LoadBalancerArn"])
    wanted = (request.get("MinimumLoadBalancerCapacity") or {}).get("CapacityUnits")
    reset = request.get("ResetCapacityReservation", False)
    if (wanted is None) == (not reset):
        raise invalid("You must specify either a minimum load balancer capacity or a reset")
    _check(store, lb, wanted)
    held = lb.capacity
    if held.units is not None and (wanted or 0) < held.units:
        if held.decreases == 0:
            raise Fault("CapacityDecreaseRequestLimitExceeded", "The number of capacity decreases for today has been reached")
        held.decreases -= 1
    held.units, held.changed = wanted, store.clock.now()
    return _shown(lb)


def _check(store: Store, lb: LoadBalancer, wanted: int | None) -> None:
    if lb.kind not in _SMALLEST:
        raise Fault("OperationNotPermitted", f"Capacity reservation is not supported for load balancers of type '{lb.kind}'")
    if load_balancer.state(store, lb) != "active":
        raise Fault("PriorRequestNotComplete", f"Load balancer '{lb.arn}' is not active")
    if wanted is not None and wanted < _SMALLEST[lb.kind]:
        raise Fault("InvalidConfigurationRequest", f"The capacity must be at least {_SMALLEST[lb.kind]} capacity units")


def _shown(lb: LoadBalancer) -> Result:
    held = lb.capacity
    out: Result = {"DecreaseRequestsRemaining": held.decreases}
    if held.changed is not None:
        out["LastModifiedTime"] = moment(held.changed)
    if held.units is not None:
        share = held.units / len(lb.placements)
        out["MinimumLoadBalancerCapacity"] = {"CapacityUnits": held.units}
        out["CapacityReservationState"] = [
            {"State": {"Code": "provisioned"}, "AvailabilityZone": foot.zone, "EffectiveCapacityUnits": share} for foot in lb.placements
        ]
    return out
