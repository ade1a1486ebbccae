"""The sockets by which Envoy reaches targets that see the client's address; pure."""

import hashlib
from dataclasses import dataclass

from albatross_sandbox.envoy.state import Target, TargetGroup


@dataclass(frozen=True, slots=True)
class Way:
    """Where a target is, the socket that leads there, and whether the target itself gets the header."""

    socket: str
    host: str
    port: int
    header: bool


def used(group: TargetGroup) -> bool:
    """Whether targets of this group see the client's address in their connections."""
    return group.type != "alb" and group.protocol in ("TCP", "TLS", "TCP_UDP") and group.preserves


def way(folder: str, group: TargetGroup, target: Target) -> Way | None:
    """The way to a target; None where it has no address or is closed."""
    if target.address is None or not target.open:
        return None
    header = group.attributes.get("proxy_protocol_v2.enabled") == "true"
    # A name that is no file: files have names of at most 108 characters here, and must be removed.
    name = f"@albatross-sandbox/{hashlib.sha256(folder.encode()).hexdigest()[:12]}/{target.address}:{target.port}"
    return Way(name + ("/header" if header else ""), target.address, target.port, header)
