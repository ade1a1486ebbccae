"""Aliases to load balancers: Route 53 accepts only a name that a load balancer has, in the zone of its DNS name."""

from collections.abc import Iterator
from xml.etree import ElementTree

from albatross_sandbox.aws import record
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.store import Store

_DUALSTACK = "dualstack."


def check(store: Store, body: bytes) -> None:
    """Raise Fault for a change batch with an alias that cannot be; aliases within the account's own zones are not looked at."""
    if wrong := [each for change in ElementTree.fromstring(body).iterfind(".//{*}Change") for each in _wrong(store, change)]:
        raise Fault("InvalidChangeBatch", f"[{', '.join(wrong)}]")


def _wrong(store: Store, change: ElementTree.Element) -> Iterator[str]:
    target = change.find(".//{*}AliasTarget")
    if target is None or change.findtext("{*}Action") == "DELETE":
        return
    zone, asked = target.findtext("{*}HostedZoneId") or "", target.findtext("{*}DNSName") or ""
    domain = asked.lower().rstrip(".")
    balancers = store.load_balancers.values()
    if not (_balancing(domain) or any(each.zone_id == zone for each in balancers)):
        return
    title = record.tried({"DNSName": asked, "HostedZoneId": zone}, change.findtext(".//{*}Type") or "")
    found = next((each for each in balancers if each.dns_name.lower() == domain.removeprefix(_DUALSTACK)), None)
    if found is None or found.zone_id != zone:
        if found is not None or not _balancing(domain):
            yield f"{title}, but the alias target name does not lie within the target zone"
        yield f"{title}, but that target was not found"


def _balancing(domain: str) -> bool:
    """Whether it looks like the name of a load balancer."""
    return ".elb." in domain and domain.endswith((".amazonaws.com", ".amazonaws.com.cn"))
