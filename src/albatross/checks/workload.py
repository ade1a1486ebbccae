"""Services and health checks that do not fit the pods, as far as files hold what makes the pods."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from albatross.catalog import defaults
from albatross.catalog.annotations import ingress, service
from albatross.catalog.notes import Notes
from albatross.catalog.tracking import SERVICE
from albatross.model.intent import Backend, Balancer, Intent, Setting, given
from albatross.model.problem import Origin
from albatross.model.snapshot import ContainerPort, Probe, Service, ServicePort, Snapshot, Workload

HTTP = ("HTTP", "HTTPS")
TRAFFIC = "traffic-port"


@dataclass(frozen=True, slots=True)
class _Served:
    """A port of a Service, and the workloads with its pods. `target_type` is instance or ip."""

    backend: Backend
    service: Service
    port: ServicePort
    workloads: tuple[Workload, ...]
    target_type: str

    @property
    def names(self) -> str:
        return ", ".join(sorted(map(_named, self.workloads)))

    @property
    def opened(self) -> tuple[ContainerPort, ...]:
        """The ports of the pods."""
        return tuple(port for workload in self.workloads for container in workload.containers for port in container.ports)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The health check: the ports of the pods that it requests, its path and its protocol, and the keys of its annotations."""

    ports: frozenset[int]
    path: str
    protocol: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Probed:
    """A readinessProbe with HTTP or gRPC, the kind and the name of its workload, and the ports that it requests."""

    workload: str
    probe: Probe
    ports: frozenset[int]


def check(intent: Intent, snapshot: Snapshot, default_target_type: str, notes: Notes) -> None:
    """Note Services without pods, ports that no container opens, and health checks that contradict a readinessProbe."""
    for balancer in intent.balancers:
        for backend in balancer.backends if snapshot.workloads else ():
            kind = given(backend.settings.target_type, default_target_type)
            served = _served(backend, kind, snapshot, notes)
            if served is None or not served.workloads:
                continue
            _target_port(served, notes)
            _health_port(served, notes)
            asked = _asked(served, balancer, intent.id.owner)
            if asked:
                _probes(served, asked, notes)


def _served(backend: Backend, kind: str, snapshot: Snapshot, notes: Notes) -> _Served | None:
    found = snapshot.services.get(backend.source.ident.key)
    wanted = (backend.serves.name, backend.serves.ip)
    port = next((each for each in found.ports if (each.name, each.target_port) == wanted), None) if found else None
    if found is None or port is None or not found.selector:
        return None
    around = [each for each in snapshot.workloads if each.namespace == found.metadata.namespace]
    pods = tuple(each for each in around if each.labels is not None and found.selector.items() <= each.labels.items())
    # In a live cluster, other workloads can exist that are not in the files.
    if around and not pods and not snapshot.complete and all(each.labels is not None for each in around):
        known = "; ".join(sorted(f"{_named(each)}: {_pairs(each.labels or {})}" for each in around))
        notes.add("LB251", backend.source.at("spec.selector"), selector=_pairs(found.selector), known=known)
    return _Served(backend, found, port, pods, kind)


def _pairs(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items())) or "no labels"


def _named(workload: Workload) -> str:
    return f"{workload.kind} {workload.name}"


def _numbers(port: int | str, opened: tuple[ContainerPort, ...]) -> frozenset[int]:
    """The numbers of a port that is given by number or by name."""
    return frozenset((port,) if isinstance(port, int) else (each.number for each in opened if each.name == port))


# Ports -------------------------------------------------------------------------------------------------------------


def _target_port(served: _Served, notes: Notes) -> None:
    target, opened = served.port.target_port, served.opened
    at = served.backend.source.at(f"spec.ports[{served.service.ports.index(served.port)}].targetPort")
    known = _listed(opened)
    if isinstance(target, str) and target not in {each.name for each in opened}:
        notes.add("LB253", at, port=target, workload=served.names, known=known)
    elif isinstance(target, int) and opened and target not in {each.number for each in opened}:
        notes.add("LB252", at, port=str(target), workload=served.names, known=known)


def _listed(opened: tuple[ContainerPort, ...]) -> str:
    return ", ".join(dict.fromkeys(f"{each.number} ({each.name})" if each.name else str(each.number) for each in opened)) or "none"


def _health_port(served: _Served, notes: Notes) -> None:
    """A port by number is a port of the pods, or of the nodes."""
    written, opened = served.backend.settings.health_check_port, served.opened
    if written is None or not isinstance(written.value, int) or not opened:
        return
    if served.target_type == "ip":
        if written.value not in {each.number for each in opened}:
            notes.add("LB254", written.origin, port=str(written.value), what=f"container of {served.names}", known=_listed(opened))
    elif not any(each.host_network for each in served.workloads):
        nodes = {each.node_port for each in served.service.ports} | {each.host_port for each in opened}
        inside = {each.number for each in opened} | {each.port for each in served.service.ports}
        if written.value in inside - nodes:
            ports = ", ".join(str(each) for each in sorted(nodes - {0})) or "given by the cluster"
            what = "node port of the Service, and with target type instance the node is checked"
            notes.add("LB254", written.origin, port=str(written.value), what=what, known=ports)


# Probes ------------------------------------------------------------------------------------------------------------


def _asked(served: _Served, balancer: Balancer, owner: str) -> _Asked | None:
    """The health check, if a port of the pods answers it, and with HTTP."""
    settings, rows = served.backend.settings, service if owner == SERVICE else ingress
    port = given(settings.health_check_port, TRAFFIC)
    local = served.target_type == "instance" and served.backend.local_check is not None and port == TRAFFIC
    default = "TCP" if balancer.family == "network" else given(settings.protocol, "HTTP")
    protocol = given(settings.health_check_protocol, default)
    if local or protocol not in HTTP or given(settings.protocol_version, "") == "GRPC":
        return None
    ports = _requested(served, port)
    keys = {"port": rows.HEALTHCHECK_PORT.key, "path": rows.HEALTHCHECK_PATH.key, "protocol": rows.HEALTHCHECK_PROTOCOL.key}
    path = given(settings.health_check_path, defaults.text(owner, balancer.family, "health_check_path"))
    return _Asked(ports, path, protocol, keys) if ports else None


def _requested(served: _Served, port: int | str) -> frozenset[int]:
    """The ports of the pods that get the requests; empty if it is unknown."""
    if port == TRAFFIC:
        return _numbers(served.port.target_port, served.opened)
    if served.target_type == "ip":
        named = next((each.target_port for each in served.service.ports if each.name == port), port)
        return _numbers(named, served.opened)
    found = (each for each in served.service.ports if port in (each.name, each.node_port))
    return frozenset(number for each in found for number in _numbers(each.target_port, served.opened))


def _probes(served: _Served, asked: _Asked, notes: Notes) -> None:
    """Compare with the probes of the pods. If one of them agrees, or if there is no probe, nothing is said."""
    probes = list(_probed(served.workloads))
    same = [each for each in probes if each.ports & asked.ports]
    if same and not any(_agrees(each.probe, asked) for each in same):
        _differs(served, asked, same[0], notes)
    elif probes and not same:
        _elsewhere(served, asked, probes[0], notes)


def _probed(workloads: tuple[Workload, ...]) -> Iterator[_Probed]:
    for workload in workloads:
        for container in workload.containers:
            probe = container.probe
            if probe and probe.kind in ("httpGet", "grpc"):
                yield _Probed(_named(workload), probe, _numbers(probe.port, container.ports))


def _numbered(ports: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(ports)))


def _agrees(probe: Probe, asked: _Asked) -> bool:
    return probe.kind == "httpGet" and (probe.scheme, probe.path.partition("?")[0]) == (asked.protocol, asked.path.partition("?")[0])


def _differs(served: _Served, asked: _Asked, found: _Probed, notes: Notes) -> None:
    """A probe of the same port with another protocol or path."""
    settings, probe = served.backend.settings, found.probe
    words = {"workload": found.workload, "port": _numbered(asked.ports)}
    wanted = "gRPC" if probe.kind == "grpc" else probe.scheme
    if wanted != asked.protocol:
        way = f"{ingress.BACKEND_PROTOCOL_VERSION.key}: GRPC" if probe.kind == "grpc" else f"{asked.keys['protocol']}: {wanted}"
        at = _place(served, settings.health_check_protocol or settings.protocol)
        notes.add("LB256", at, None, asked=asked.protocol, probe=wanted, way=way, **words)
    else:
        at = _place(served, settings.health_check_path)
        notes.add("LB255", at, None, asked=asked.path, probe=probe.path, key=asked.keys["path"], **words)


def _elsewhere(served: _Served, asked: _Asked, found: _Probed, notes: Notes) -> None:
    """A probe of another port with the same path."""
    if found.probe.kind == "httpGet" and found.ports and found.probe.path == asked.path != "/":
        at = _place(served, served.backend.settings.health_check_path)
        words = {"path": asked.path, "asked": _numbered(asked.ports), "port": _numbered(found.ports), "key": asked.keys["port"]}
        notes.add("LB257", at, None, workload=found.workload, **words)


def _place(served: _Served, written: Setting[str] | None) -> Origin:
    return written.origin if written else served.backend.origin
