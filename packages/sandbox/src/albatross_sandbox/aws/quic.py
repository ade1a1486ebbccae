"""What ELBv2 demands of QUIC: server ids of targets, and which listeners may be beside each other.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/create-listener.html
"""

import re
from typing import Any

from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Listener, TargetGroup

PROTOCOLS = ("QUIC", "TCP_QUIC")
_DATAGRAMS = ("UDP", "TCP_UDP")
_ID = re.compile("0x[0-9a-f]{16}")


def check_targets(group: TargetGroup, rows: list[dict[str, Any]]) -> None:
    """Raise Fault for targets whose server ids will not do."""
    for row in rows:
        _check_id(group, row)
    given = [(row["QuicServerId"], (row["Id"], row.get("Port", group.port))) for row in rows if row.get("QuicServerId")]
    held = {target.quic: key for key, target in group.targets.items() if target.quic and target.draining_until is None}
    for server_id, key in given:
        if held.setdefault(server_id, key) != key:
            raise invalid(f"The QUIC server ID '{server_id}' is used by another target")
        target = group.targets.get(key)
        if target is not None and target.draining_until is None and target.quic != server_id:
            raise invalid(f"The QUIC server ID of target '{key[0]}' cannot be modified. Deregister the target first")


def _check_id(group: TargetGroup, row: dict[str, Any]) -> None:
    given = row.get("QuicServerId")
    if group.protocol not in PROTOCOLS:
        if given:
            raise invalid(f"A QUIC server ID cannot be specified for target groups with protocol '{group.protocol}'")
    elif not given:
        raise invalid(f"A QUIC server ID must be specified for target groups with protocol '{group.protocol}'")
    elif not _ID.fullmatch(given):
        raise invalid(f"The QUIC server ID '{given}' must consist of '0x' and 16 hexadecimal characters in lower case")


def check_listener(listener: Listener) -> None:
    """Raise Fault for a listener that its load balancer cannot have beside its others."""
    lb, protocol = listener.load_balancer, listener.protocol
    others = [each.protocol for each in lb.listeners.values() if each.arn != listener.arn and each.port != listener.port]
    if protocol in PROTOCOLS:
        if lb.security_groups:
            raise _refused(f"Listeners with protocol '{protocol}' are not supported on load balancers with security groups")
        if lb.ip_address_type != "ipv4":
            raise _refused(f"Listeners with protocol '{protocol}' are not supported on dualstack load balancers")
        if any(each in PROTOCOLS for each in others):
            raise _refused("A load balancer can have one QUIC or TCP_QUIC listener only")
    beside = _DATAGRAMS if protocol in PROTOCOLS else PROTOCOLS if protocol in _DATAGRAMS else ()
    if any(each in beside for each in others):
        raise _refused("QUIC and TCP_QUIC listeners are not supported beside UDP and TCP_UDP listeners")
    if protocol in _DATAGRAMS and lb.ip_address_type != "ipv4" and lb.prefix_nat != "on":
        raise _refused(f"Listeners with protocol '{protocol}' on dualstack load balancers need prefixes for IPv6 source NAT")


def check_family(protocol: str | None, dual: bool, group: TargetGroup) -> None:
    """Raise Fault where a dualstack load balancer would forward datagrams to an IPv4 target group."""
    if dual and protocol in _DATAGRAMS and group.ip_address_type != "ipv6":
        raise _refused(f"Target group '{group.arn}' must be of IP address type ipv6 for a {protocol} listener of a dualstack load balancer")


def _refused(message: str) -> Fault:
    return Fault("InvalidConfigurationRequest", message)
