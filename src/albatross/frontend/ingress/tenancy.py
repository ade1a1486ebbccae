"""Which namespaces may join a group, and which hosts they may use there: the policy of the group (`catalog/tenants.py`)."""

from collections.abc import Iterable, Iterator, Mapping

from albatross.catalog import tenants, tracking
from albatross.catalog.tenants import TENANTS, Tenant
from albatross.frontend.notes import ReadingNotes
from albatross.model.ident import Ident
from albatross.model.intent import Route, Setting
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, Snapshot

Limits = tuple[tuple[str, tuple[str, ...]], ...]
"""For each policy that limits the hosts of a namespace: the name of its IngressClassParams, and the patterns of hosts."""


def named(group: str) -> Ident:
    """The name under which the members of a group mention its policy. No object has it, because a slash is not allowed in names."""
    return Ident("IngressClassParams", "", f"group/{group}")


def policies(stack: StackId, snapshot: Snapshot) -> Iterator[tuple[str, tuple[Tenant, ...] | str]]:
    """The policies of a group, by the names of their IngressClassParams: rows, or why they cannot be read."""
    for (_, name), params in sorted(snapshot.ingress_class_params.items()):
        written = params.metadata.annotations.get(TENANTS)
        if stack.explicit and params.group_name == stack.name and written is not None:
            yield name, tenants.parse(written)


def refusal(ingress: Ingress, stack: StackId, at: Origin, snapshot: Snapshot) -> tuple[Problem, ...]:
    """Why an Ingress may not join a group. A policy that cannot be read admits nobody, and leaves alone who is there."""
    namespace = ingress.metadata.namespace
    labels = _labels(namespace, snapshot)
    found = []
    for name, rows in policies(stack, snapshot):
        if isinstance(rows, str):
            if tracking.finalizer(stack) in ingress.metadata.finalizers:
                continue
            reason = f"its policy cannot be read: {rows}"
        elif any(row.selects(namespace, labels) for row in rows):
            continue
        else:
            reason = "no row of its policy selects the namespace"
        words = {"group": stack.name, "namespace": namespace, "params": name, "reason": reason}
        found.append(Problem("LB443", at, tuple(sorted(words.items()))))
    return tuple(found)


def limits(namespace: str, stack: StackId, snapshot: Snapshot) -> Limits:
    """The hosts that a namespace may use in a group; empty if it may use every host."""
    labels, found = _labels(namespace, snapshot), []
    for name, rows in policies(stack, snapshot):
        given = [row.hosts for row in rows if row.selects(namespace, labels)] if not isinstance(rows, str) else []
        if given and None not in given:
            found.append((name, tuple(dict.fromkeys(host for hosts in given for host in hosts or ()))))
    return tuple(found)


def _labels(namespace: str, snapshot: Snapshot) -> Mapping[str, str] | None:
    """The labels of a namespace; None if it is in no file."""
    found = snapshot.namespaces.get(("", namespace))
    if found is None:
        return {} if snapshot.complete else None
    return found.metadata.labels


class Allowance:
    """Lets the routes and hosts of one member pass that it may use, and reports the others (`errors`)."""

    def __init__(self, allowed: Limits, origin: Origin, notes: ReadingNotes) -> None:
        self._limits = allowed
        self._origin = origin
        self._notes = notes
        self.denied: set[str] = set()
        self.errors = 0

    def routes(self, found: tuple[Route, ...]) -> tuple[Route, ...]:
        """The routes with hosts that it may use."""
        if not self._limits:
            return found
        return tuple(route for route in found if not self._refused(route))

    def names(self, found: Iterable[Setting[str]]) -> tuple[Setting[str], ...]:
        """The hosts that it may use. A host that is reported already is not reported again."""
        return tuple(each for each in found if each.value not in self.denied and self._passes(each.value, each.origin))

    def _refused(self, route: Route) -> list[str]:
        """The hosts of a route that it may not use; all of them are reported."""
        return [host for host in _hosts(route) if not self._passes(host, route.origin)]

    def _passes(self, host: str, at: Origin) -> bool:
        for name, patterns in self._limits:
            if not any(tenants.allows(pattern, host) for pattern in patterns):
                what = f"host {host}" if host else "a rule without a host"
                allowed = ", ".join(patterns) or "none"
                self._notes.add("LB444", at, what=what, namespace=self._origin.namespace, params=name, allowed=allowed)
                self.denied.add(host)
                self.errors += 1
                return False
        return True


def _hosts(route: Route) -> tuple[str, ...]:
    """The hosts of a route, as they are in its conditions; an empty one if it has none."""
    found = [value for each in route.conditions if each.field == "host-header" for value in (*each.values, *each.regex_values)]
    return tuple(found) or ("",)
