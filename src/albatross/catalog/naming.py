"""What is hashed into generated names, by the owner of the stack. It must not change, so that existing resources keep their names.

Source: `pkg/ingress`, `pkg/service` of kubernetes-sigs/aws-load-balancer-controller, `build…Name`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.catalog.tracking import INGRESS, SERVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """The facts that are hashed, in their order. A missing fact counts as an empty text."""

    load_balancer: tuple[str, ...]
    security_group: tuple[str, ...]
    target_group: tuple[str, ...]


FORMULAS: Mapping[str, Formula] = {
    INGRESS: Formula(
        load_balancer=("cluster", "stack", "scheme"),
        security_group=("cluster", "stack"),
        target_group=("cluster", "stack", "identity", "port", "target_type", "protocol", "protocol_version", "control_port"),
    ),
    SERVICE: Formula(
        load_balancer=("cluster", "uid", "scheme"),
        security_group=("cluster", "name", "namespace", "uid"),
        target_group=(
            "cluster",
            "identity",
            "port",
            "service_port",
            "target_type",
            "protocol",
            "health_check_protocol",
            "health_check_interval",
        ),
    ),
}
"""By owner (`StackId.owner`)."""


def by_uid(owner: str) -> frozenset[str]:
    """The classes of resources with names that depend on UIDs, which only a cluster assigns. The identity of targets contains one."""
    formula = FORMULAS[owner]
    parts = {"LoadBalancer": formula.load_balancer, "SecurityGroup": formula.security_group, "TargetGroup": formula.target_group}
    return frozenset(name for name, facts in parts.items() if {"uid", "identity"} & set(facts))


def hashed(formula: tuple[str, ...], facts: Mapping[str, str]) -> tuple[str, ...]:
    """The facts of a formula, in its order."""
    return tuple(facts.get(each, "") for each in formula)
