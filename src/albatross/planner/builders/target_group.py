"""Target groups: for endpoints, with their bindings, and for a load balancer behind another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from albatross.catalog import defaults
from albatross.catalog.naming import FORMULAS, hashed
from albatross.model.ident import Ident
from albatross.model.intent import Backend, Balancer, Chained, Setting, TargetGroupSettings, given
from albatross.model.problem import Origin
from albatross.model.resources.binding import Binding
from albatross.model.resources.ref import Given, Pairs, Ref
from albatross.model.resources.target_group import NAMED_PORT, HealthCheck, TargetGroup
from albatross.planner.builders import binding, merge, name
from albatross.planner.builders.networking import Reach
from albatross.planner.builders.port import Port
from albatross.planner.builders.subnet import dual
from albatross.planner.builders.task import Task


class TargetGroups:
    """The target groups of one load balancer; each is built once, even if many rules use it."""

    def __init__(self, reach: Reach, task: Task) -> None:
        self._balancer = reach.noun
        self._reach = reach
        self._task = task
        self._made: dict[str, TargetGroup | None] = {}
        self._bindings: dict[str, Binding] = {}
        # The first member in group order owns an id. The build order must not matter: the owner must be the same on every port.
        self._claims = {each.id: each for each in reversed([each for wanted in task.intent.balancers for each in wanted.backends])}
        self.origins: dict[str, Origin] = {}

    def ref(self, backend: Backend) -> Ref | None:
        """The backend's target group; None if it can't be built; then there is a problem with the reason."""
        if self._taken(backend):
            return None
        if backend.id not in self._made:
            self._made[backend.id] = made = self._make(backend)
            if made is not None:
                self._bindings[backend.id] = binding.build(backend, made, self._reach, self._task)
                self.origins[backend.id] = backend.origin
        return Ref("TargetGroup", backend.id, "arn") if self._made[backend.id] else None

    def chained(self, port: Port, said: Sequence[tuple[Ident, Chained]], balancer: Balancer) -> TargetGroup:
        """The target group for the load balancer behind, with the port in front and the health check that the members agree on."""
        check = self._agreed_check(port, said, balancer)
        cluster, stack, id = self._task.config.cluster_name, self._task.intent.id, said[0][1].id
        parts = (str(port.number), "alb", port.protocol, str(check.port), check.protocol)
        made = self._made[id] = TargetGroup(
            id=id,
            name=name.frontend_target_group(cluster, stack, *parts),
            target_type="alb",
            port=port.number,
            protocol=port.protocol,
            ip_address_type="ipv4",
            health_check=check,
            tags=self._balancer.tags,
        )
        return made

    def _agreed_check(self, port: Port, said: Sequence[tuple[Ident, Chained]], balancer: Balancer) -> HealthCheck:
        def agreed(field: str, what: str) -> Setting[Any] | None:
            given = [(member, getattr(each.settings, field)) for member, each in said]
            return merge.harmless(given, f"{balancer.words}healthcheck-{what} of port {port.number}", self._task.ledger)

        settings = TargetGroupSettings(
            health_check_port=agreed("health_check_port", "port"),
            health_check_protocol=agreed("health_check_protocol", "protocol"),
            health_check_path=agreed("health_check_path", "path"),
            success_codes=agreed("success_codes", "success-codes"),
            health_check_interval=agreed("health_check_interval", "interval-seconds"),
            health_check_timeout=agreed("health_check_timeout", "timeout-seconds"),
            healthy_threshold=agreed("healthy_threshold", "healthy-threshold-count"),
            unhealthy_threshold=agreed("unhealthy_threshold", "unhealthy-threshold-count"),
        )
        protocol = given(settings.health_check_protocol, self._text("health_check_protocol"))
        written = settings.health_check_port
        return self._health_check(settings, written.value if written else self._text("health_check_port"), protocol)

    @property
    def target_groups(self) -> tuple[TargetGroup, ...]:
        """All target groups, by id."""
        return tuple(found for _, found in sorted(self._made.items()) if found is not None)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """All bindings, by id."""
        return tuple(found for _, found in sorted(self._bindings.items()))

    def _taken(self, backend: Backend) -> bool:
        """Whether another backend has the same resource id: one target group for both would send requests to the wrong Service."""
        first = self._claims[backend.id]
        if (first.member, first.source) == (backend.member, backend.source):
            return False
        words = {"id": backend.id, "service": backend.source.name, "other": first.source.name, "by": first.origin.object}
        self._task.ledger.blame(backend.member, "LB171", backend.origin, first.origin, **words)
        return True

    def _make(self, backend: Backend) -> TargetGroup | None:
        ledger, settings, before = self._task.ledger, backend.settings, self._task.ledger.errors
        kind = given(settings.target_type, self._task.config.default_target_type)
        if kind == "ip" and not self._task.config.gate("EnableIPTargetType"):
            ledger.blame(backend.member, "LB168", settings.target_type.origin if settings.target_type else backend.origin)
        control = settings.control_port
        if control and kind == "instance":
            ledger.blame(backend.member, "LB151", control.origin)
        port = self._port(backend, kind)
        protocol = given(settings.protocol, self._text("protocol"))
        version = given(settings.protocol_version, self._text("protocol_version"))
        family = self._family(backend)
        check = self._backend_check(backend, kind, protocol, version)
        if ledger.errors > before or port is None or check is None:
            return None
        facts = {"identity": "".join(backend.identity), "port": str(port), "service_port": str(backend.port), "target_type": kind}
        facts |= {"protocol": protocol, "protocol_version": version, "control_port": str(control.value) if control else ""}
        facts |= {"health_check_protocol": check.protocol, "health_check_interval": str(check.interval_seconds)}
        parts = hashed(FORMULAS[self._task.intent.id.owner].target_group, {**self._task.identity, **facts})
        return TargetGroup(
            id=backend.id,
            name=name.target_group(backend.source.namespace, backend.source.name, *parts),
            target_type=kind,
            port=port,
            protocol=protocol,
            protocol_version=version or None,
            ip_address_type=family,
            health_check=check,
            attributes=self._attributes(backend),
            tags=self._task.tags(settings.tags),
            control_port=control.value if control else None,
            member=backend.member,
        )

    def _attributes(self, backend: Backend) -> Pairs:
        """The user's attributes over the defaults; an empty value removes a default."""
        default = dict(defaults.attributes(self._task.intent.id.owner, self._balancer.type))
        written = dict(merge.values(backend.settings.attributes))
        return tuple(sorted((key, value) for key, value in {**default, **written}.items() if value or key not in default))

    def _backend_check(self, backend: Backend, kind: str, protocol: str, version: str) -> HealthCheck | None:
        """The health check of a backend. Nodes with endpoints only are checked differently, because only they answer."""
        local = kind == "instance" and backend.local_check is not None
        variant = "Local" if local else version
        port = self._health_check_port(backend, kind)
        if port is None:
            return None
        default = self._optional("health_check_protocol", variant)
        found = self._health_check(backend.settings, port, given(backend.settings.health_check_protocol, default or protocol), variant)
        coded = self._balancer.type == "application" or self._task.config.gate("NLBHealthCheckAdvancedConfig")
        return found if coded else replace(found, http_code=None)

    def _port(self, backend: Backend, kind: str) -> int | Given | None:
        # A named target port can have another number on each pod, so there is no single number for the group.
        on_ip = NAMED_PORT if isinstance(backend.serves.ip, str) else backend.serves.ip
        port = backend.serves.instance if kind == "instance" else on_ip
        if port:
            return port
        code = "LB209" if kind == "instance" else "LB210"
        named = backend.source.ident.short
        self._task.ledger.blame(backend.member, code, backend.origin, service=named, type=backend.source_type, port=str(backend.port))
        return None

    def _family(self, backend: Backend) -> str:
        if "IPv6" not in backend.ip_families:
            return "ipv4"
        if not dual(self._balancer.ip_address_type):
            named = backend.source.ident.short
            self._task.ledger.blame(backend.member, "LB170", backend.source.at("spec.ipFamilies"), service=named)
        return "ipv6"

    def _health_check_port(self, backend: Backend, kind: str) -> int | str | None:
        written = backend.settings.health_check_port
        if written is None and kind == "instance" and backend.local_check is not None:
            return backend.local_check
        if written is None or written.value == "traffic-port":
            return "traffic-port"
        if isinstance(written.value, int):
            return written.value
        port = next((each for each in backend.ports if each.name == written.value), None)
        known = ", ".join(each.name for each in backend.ports if each.name) or "none"
        if port is None:
            self._task.ledger.blame(backend.member, "LB149", written.origin, name=written.value, service=backend.source.name, known=known)
            return None
        if kind == "instance":
            return port.instance
        if isinstance(port.ip, int):
            return port.ip
        self._task.ledger.blame(backend.member, "LB150", written.origin, name=written.value, target_port=port.ip)
        return None

    def _health_check(self, settings: TargetGroupSettings, port: int | str, protocol: str, variant: str = "") -> HealthCheck:
        """A TCP check has neither a path nor codes."""
        requests = protocol != "TCP"
        codes = given(settings.success_codes, self._text("success_codes", variant)) if requests else None
        path = given(settings.health_check_path, self._text("health_check_path", variant)) if requests else None
        return HealthCheck(
            port=port,
            protocol=protocol,
            path=path,
            http_code=None if variant == "GRPC" else codes,
            grpc_code=codes if variant == "GRPC" else None,
            interval_seconds=given(settings.health_check_interval, self._number("health_check_interval", variant)),
            timeout_seconds=given(settings.health_check_timeout, self._number("health_check_timeout", variant)),
            healthy_threshold_count=given(settings.healthy_threshold, self._number("healthy_threshold", variant)),
            unhealthy_threshold_count=given(settings.unhealthy_threshold, self._number("unhealthy_threshold", variant)),
        )

    def _text(self, field: str, variant: str = "") -> str:
        return defaults.text(self._task.intent.id.owner, self._balancer.type, field, variant)

    def _optional(self, field: str, variant: str = "") -> str | None:
        return defaults.optional(self._task.intent.id.owner, self._balancer.type, field, variant)

    def _number(self, field: str, variant: str = "") -> int:
        return defaults.number(self._task.intent.id.owner, self._balancer.type, field, variant)
