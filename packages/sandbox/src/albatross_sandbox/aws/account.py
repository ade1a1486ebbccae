"""The account's quotas, and DescribeAccountLimits."""

from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.store import Request, Result, Store, page

# ELBv2 quotas as DescribeAccountLimits names them; user guides "Quotas for your Application/Network/Gateway Load Balancers".
LIMITS: dict[str, int] = {
    "application-load-balancers": 50,
    "certificates-per-application-load-balancer": 25,
    "condition-values-per-alb-rule": 5,
    "condition-wildcards-per-alb-rule": 6,
    "gateway-load-balancers": 100,
    "gateway-load-balancers-per-vpc": 100,
    "geneve-target-groups": 100,
    "listeners-per-application-load-balancer": 50,
    "listeners-per-network-load-balancer": 50,
    "certificates-per-network-load-balancer": 25,
    "network-load-balancers": 50,
    "rules-per-application-load-balancer": 100,
    "target-groups": 3000,
    "target-groups-per-action-on-application-load-balancer": 5,
    "target-groups-per-action-on-network-load-balancer": 5,
    "target-groups-per-application-load-balancer": 100,
    "target-id-registrations-per-application-load-balancer": 1000,
    "targets-per-application-load-balancer": 1000,
    "targets-per-availability-zone-per-network-load-balancer": 500,
    "targets-per-network-load-balancer": 3000,
    "targets-per-target-group": 1000,
    "trust-stores": 20,
    "trust-store-revocation-entries": 500000,
}


def limit(store: Store, name: str) -> int:
    """The quota in force."""
    return store.limits.get(name, LIMITS[name])


def enforce(store: Store, name: str, wanted: int, code: str, message: str) -> None:
    """Raise Fault(code) if more is wanted than the quota allows."""
    if wanted > limit(store, name):
        raise Fault(code, message)


def describe(store: Store, request: Request) -> Result:
    """DescribeAccountLimits."""
    rows, marker = page(request, sorted(LIMITS), lambda name: name)
    return {"Limits": [{"Name": name, "Max": str(limit(store, name))} for name in rows], "NextMarker": marker}
