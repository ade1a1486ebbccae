"""`spec.networking` of a TargetGroupBinding: who may reach the targets, on which ports."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from albatross.model.resources.binding import NetworkingRule


def parse(text: str) -> tuple[NetworkingRule, ...] | None:
    """The rules of the field, each with one peer and one port; None if the field is absent. No ports means every TCP port."""
    if not text:
        return None
    rules = json.loads(text).get("ingress") or ()
    any_port: list[Mapping[str, Any]] = [{}]
    return tuple(_rule(peer, port) for rule in rules for peer in rule.get("from") or () for port in rule.get("ports") or any_port)


def entries(rules: Iterable[NetworkingRule]) -> list[list[NetworkingRule]]:
    """The rules of each element of the list, in order."""
    found: dict[tuple[int, int], list[NetworkingRule]] = {}
    for place, rule in enumerate(rules):
        found.setdefault((rule.entry, 0 if rule.entry else place), []).append(rule)
    return list(found.values())


def _rule(peer: Mapping[str, Any], port: Mapping[str, Any]) -> NetworkingRule:
    group = (peer.get("securityGroup") or {}).get("groupID", "")
    cidr = (peer.get("ipBlock") or {}).get("cidr", "")
    return NetworkingRule(source_group=group, cidr=cidr, protocol=port.get("protocol") or "TCP", port=port.get("port"))
