"""Which hosted zone holds a name."""

from collections.abc import Iterable

from albatross.model.facts import HostedZone


def holds(zone: HostedZone, name: str) -> bool:
    """Whether a name lies in the zone. A wildcard `*.example.com` lies in the zone of `example.com`."""
    host = name.removeprefix("*.")
    return host == zone.name or host.endswith(f".{zone.name}")


def public(zones: Iterable[HostedZone], name: str) -> HostedZone | None:
    """The public zone with the longest name that holds the name."""
    return _longest(each for each in zones if not each.private and holds(each, name))


def private(zones: Iterable[HostedZone], name: str) -> HostedZone | None:
    """The private zone of our VPC with the longest name that holds the name."""
    return _longest(each for each in zones if each.private and each.ours and holds(each, name))


def of(zones: Iterable[HostedZone], name: str, scheme: str) -> HostedZone | None:
    """The zone in which the name of a load balancer belongs.

    A name for the internet is in a public zone. An internal load balancer has its name in a private zone of its VPC, so that nobody else
    sees it; if there is none, in a public zone.
    """
    found = tuple(zones)
    return (private(found, name) if scheme == "internal" else None) or public(found, name)


def _longest(fit: Iterable[HostedZone]) -> HostedZone | None:
    # Two zones can have the same name; then the choice must always be the same.
    return max(fit, key=lambda each: (len(each.name), each.id), default=None)
