"""Target groups of Services, and the bindings that fill them."""

from albatross.model.intent import Backend, TargetGroupSettings
from albatross.model.problem import Origin
from albatross.model.resources.binding import Binding
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.planner.builders import binding, merge, name
from albatross.planner.builders.claim import claims
from albatross.planner.builders.subnet import dual
from albatross.planner.builders.task import Task, given

PATHS = {"HTTP1": "/", "HTTP2": "/", "GRPC": "/AWS.ALB/healthcheck"}
CODES = {"HTTP1": "200", "HTTP2": "200", "GRPC": "12"}
INTERVAL, TIMEOUT, HEALTHY, UNHEALTHY = 15, 5, 2, 2
"""Defaults of health checks, in seconds and counts."""
NAMED_PORT = 1
"""The port of a target group whose targets may each have another; no traffic uses it."""


class TargetGroups:
    """The target groups of one build, each made once however many rules use it."""

    def __init__(self, ip_address_type: str, source: Token | None, task: Task) -> None:
        self._dualstack = dual(ip_address_type)
        self._source = source
        self._task = task
        self._made: dict[str, TargetGroup | None] = {}
        self._bindings: dict[str, Binding] = {}
        self._claims = claims(task.intent)
        self.origins: dict[str, Origin] = {}

    def ref(self, backend: Backend) -> Ref | None:
        """The backend's target group; None where it cannot be made, which a problem says."""
        if self._taken(backend):
            return None
        if backend.id not in self._made:
            self._made[backend.id] = made = self._make(backend)
            if made is not None:
                self._bindings[backend.id] = binding.build(backend, made, self._source, self._task)
                self.origins[backend.id] = backend.origin
        return Ref("TargetGroup", backend.id, "arn") if self._made[backend.id] else None

    @property
    def target_groups(self) -> tuple[TargetGroup, ...]:
        """All of them, by id."""
        return tuple(found for _, found in sorted(self._made.items()) if found is not None)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """All of them, by id."""
        return tuple(found for _, found in sorted(self._bindings.items()))

    def _taken(self, backend: Backend) -> bool:
        """Whether its resource id is that of another backend: one target group for both would send requests to the wrong Service."""
        first = self._claims[backend.id]
        if (first.member, first.service) == (backend.member, backend.service):
            return False
        words = {"id": backend.id, "service": backend.service, "other": first.service, "by": first.origin.object}
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
        protocol, version = given(settings.protocol, "HTTP"), given(settings.protocol_version, "HTTP1")
        family = self._family(backend)
        health_check_port = self._health_check_port(backend, kind)
        if ledger.errors > before or port is None or health_check_port is None:
            return None
        parts = [*backend.identity, str(port), kind, protocol, version, *([str(control.value)] if control else [])]
        cluster, group = self._task.config.cluster_name, str(self._task.intent.id)
        return TargetGroup(
            id=backend.id,
            name=name.target_group(backend.namespace, backend.service, cluster, group, *parts),
            target_type=kind,
            port=port,
            protocol=protocol,
            protocol_version=version,
            ip_address_type=family,
            health_check=_health_check(settings, health_check_port, protocol, version),
            attributes=merge.values(settings.attributes),
            tags=self._task.tags(settings.tags),
            control_port=control.value if control else None,
            member=backend.member,
        )

    def _port(self, backend: Backend, kind: str) -> int | None:
        target = backend.service_port.target_port
        port = backend.service_port.node_port if kind == "instance" else NAMED_PORT if isinstance(target, str) else target
        if port:
            return port
        code = "LB209" if kind == "instance" else "LB210"
        named = f"{backend.namespace}/{backend.service}"
        self._task.ledger.blame(backend.member, code, backend.origin, service=named, type=backend.service_type, port=str(backend.port))
        return None

    def _family(self, backend: Backend) -> str:
        if "IPv6" not in backend.ip_families:
            return "ipv4"
        if not self._dualstack:
            named = f"{backend.namespace}/{backend.service}"
            self._task.ledger.blame(backend.member, "LB170", backend.service_origin.at("spec.ipFamilies"), service=named)
        return "ipv6"

    def _health_check_port(self, backend: Backend, kind: str) -> int | str | None:
        written = backend.settings.health_check_port
        if written is None or written.value == "traffic-port":
            return "traffic-port"
        if isinstance(written.value, int):
            return written.value
        port = next((each for each in backend.ports if each.name == written.value), None)
        known = ", ".join(each.name for each in backend.ports if each.name) or "none"
        if port is None:
            self._task.ledger.blame(backend.member, "LB149", written.origin, name=written.value, service=backend.service, known=known)
            return None
        if kind == "instance":
            return port.node_port
        if isinstance(port.target_port, int):
            return port.target_port
        self._task.ledger.blame(backend.member, "LB150", written.origin, name=written.value, target_port=port.target_port)
        return None


def _health_check(settings: TargetGroupSettings, port: int | str, protocol: str, version: str) -> HealthCheck:
    codes = given(settings.success_codes, CODES[version])
    return HealthCheck(
        port=port,
        protocol=given(settings.health_check_protocol, protocol),
        path=given(settings.health_check_path, PATHS[version]),
        http_code=None if version == "GRPC" else codes,
        grpc_code=codes if version == "GRPC" else None,
        interval_seconds=given(settings.health_check_interval, INTERVAL),
        timeout_seconds=given(settings.health_check_timeout, TIMEOUT),
        healthy_threshold_count=given(settings.healthy_threshold, HEALTHY),
        unhealthy_threshold_count=given(settings.unhealthy_threshold, UNHEALTHY),
    )
