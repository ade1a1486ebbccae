"""A port of a Service → a backend with its settings. The annotations are always those of the Service with the load balancer."""

from albatross.catalog.annotations import service as row
from albatross.catalog.value import boolean, int32, integer
from albatross.frontend.service.load_balancer import tags
from albatross.frontend.service.placement import BALANCED, origin
from albatross.frontend.service.reading import Reading
from albatross.frontend.stored import Offers, check_port, target_port
from albatross.model.intent import Backend, Keyed, Setting, TargetGroupSettings
from albatross.model.problem import Origin
from albatross.model.snapshot import Service, ServicePort

PROXY = "proxy_protocol_v2.enabled"
PRESERVE = "preserve_client_ip.enabled"


class Backends:
    """The backends of one Service. Each port of a Service is read once; all listeners that use it share it, with the first protocol."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[str, Backend] = {}
        self.offers = Offers()

    def of(self, service: Service, port: ServicePort, protocol: str, at: Origin) -> Backend:
        """The backend of one port; `protocol` is that of its target group, if no other listener has used the port."""
        own = self._reading.service
        id = f"{service.metadata.namespace}/{service.metadata.name}:{port.port}"
        if id not in self._found:
            base = () if service.metadata.key == own.metadata.key else (own.metadata.uid,)
            self._found[id] = Backend(
                id=id,
                member=self._reading.origin.ident,
                source=origin(service),
                source_type=service.type,
                port=port.port,
                serves=target_port(service, port),
                ports=self.offers.of(service).every,
                ip_families=service.ip_families,
                identity=(*base, service.metadata.uid),
                settings=_settings(self._reading, port, protocol),
                origin=at,
                local_check=check_port(own) if _local(service) else None,
            )
        return self._found[id]


def _local(service: Service) -> bool:
    """Whether only nodes with endpoints get traffic."""
    return service.external_traffic_policy == "Local" and service.type == BALANCED


def _settings(reading: Reading, port: ServicePort, protocol: str) -> TargetGroupSettings:
    reader, kind = reading.reader, reading.target_type
    return TargetGroupSettings(
        target_type=kind,
        protocol=Setting(protocol, reading.origin),
        health_check_port=_health_check_port(reader.raw(row.HEALTHCHECK_PORT.key)),
        health_check_protocol=_upper(reader.read(row.HEALTHCHECK_PROTOCOL)),
        health_check_path=reader.read(row.HEALTHCHECK_PATH),
        health_check_interval=reader.read(row.HEALTHCHECK_INTERVAL),
        health_check_timeout=reader.read(row.HEALTHCHECK_TIMEOUT) if reading.config.gate("NLBHealthCheckAdvancedConfig") else None,
        healthy_threshold=reader.read(row.HEALTHY_THRESHOLD),
        unhealthy_threshold=reader.read(row.UNHEALTHY_THRESHOLD),
        success_codes=reader.read(row.SUCCESS_CODES) if reading.config.gate("NLBHealthCheckAdvancedConfig") else None,
        attributes=_attributes(reading, port),
        tags=tags(reading),
        node_labels=reader.keyed(row.TARGET_NODE_LABELS) if kind.value == "instance" else {},
        multi_cluster=_on(reader.read(row.MULTI_CLUSTER)),
    )


def _on(found: Setting[bool] | None) -> bool:
    return bool(found and found.value)


def _upper(found: Setting[str] | None) -> Setting[str] | None:
    return Setting(found.value.upper(), found.origin) if found else None


def _health_check_port(written: Setting[str] | None) -> Setting[int | str] | None:
    if written is None:
        return None
    number = int32(written.value).value
    return Setting(written.value if number is None else number, written.origin)


# Attributes --------------------------------------------------------------------------------------------------------


def _attributes(reading: Reading, port: ServicePort) -> Keyed:
    """Those of all target groups, then those of the port, then proxy protocol. An empty value of the port changes nothing."""
    found = dict(_preserving(reading, row.TARGET_GROUP_ATTRIBUTES.key))
    own = _preserving(reading, row.PORT_ATTRIBUTES.of(str(port.port)))
    found |= {key: setting for key, setting in own.items() if setting.value}
    if proxy := _proxy(reading, port):
        found[PROXY] = proxy
    return found


def _preserving(reading: Reading, key: str) -> Keyed:
    """The attributes of one annotation. Client IP preservation must be a boolean, because rules for the targets depend on it."""
    found = reading.reader.keyed(row.TARGET_GROUP_ATTRIBUTES, key)
    for fault in boolean(found[PRESERVE].value).faults if PRESERVE in found else ():
        reading.notes.fault(fault, found[PRESERVE].origin)
    return found


def _proxy(reading: Reading, port: ServicePort) -> Setting[str] | None:
    """For all ports by one annotation; otherwise by the list of ports in the other one."""
    everywhere, listed = reading.reader.read(row.PROXY_PROTOCOL), reading.reader.read(row.PROXY_PROTOCOL_PORTS)
    for item in listed.value if listed else ():
        for fault in integer(64)(item).faults:
            reading.notes.fault(fault, listed.origin if listed else reading.origin)
    if everywhere:
        return Setting("true", everywhere.origin)
    return Setting("true" if str(port.port) in listed.value else "false", listed.origin) if listed else None
