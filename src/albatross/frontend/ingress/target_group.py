"""A port of a Service → a backend with its settings. The Service's annotations override the Ingress's."""

from albatross.catalog.annotations import ingress as row
from albatross.catalog.value import int32
from albatross.frontend.ingress import load_balancer
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.reader import Reader
from albatross.model.intent import Backend, Setting, TargetGroupSettings, given
from albatross.model.problem import Origin
from albatross.model.snapshot import Service


def service_origin(service: Service) -> Origin:
    """The origin of problems in the Service."""
    return Origin("Service", service.metadata.namespace, service.metadata.name)


def backend(subject: Subject, service: Service, port: int | str, at: Origin, context: Context) -> Backend | None:
    """The backend of one port; None if the Service has no such port."""
    offer = context.lookups.offers.of(service)
    found = offer.find(port)
    if found is None:
        context.notes.add("LB208", at, port=str(port), service=service.metadata.name, known=offer.listed)
        return None
    member = subject.origin.ident
    settings = _settings(subject, overlaid(subject, service, context), f"{service.metadata.name}.{port}", context)
    if service.type == "ExternalName" and _nowhere(service, settings, at, context):
        return None
    return Backend(
        id=f"{member.short}-{service.metadata.name}:{port}",
        member=member,
        source=service_origin(service),
        source_type=service.type,
        port=port,
        serves=offer.serves(found),
        ports=offer.every,
        ip_families=service.ip_families,
        identity=(subject.origin.namespace, subject.origin.name, service.metadata.uid, str(port)),
        settings=settings,
        origin=at,
    )


def _nowhere(service: Service, settings: TargetGroupSettings, at: Origin, context: Context) -> bool:
    """Report a Service that is only a DNS name; True if the target type needs node ports, which it cannot have."""
    instance = given(settings.target_type, context.config.default_target_type) == "instance"
    context.notes.add("LB261" if instance else "LB260", at, service=service.metadata.name)
    return instance


def rehearse(subject: Subject, port: str, context: Context) -> TargetGroupSettings:
    """Read the Ingress's settings for a Service that is not in the files, so that their errors are reported."""
    return _settings(subject, subject.reader, port, context)


def overlaid(subject: Subject, service: Service, context: Context) -> Reader:
    """A reader in which the Service's annotations override the Ingress's."""
    layers = ((service_origin(service), service.metadata.annotations), (subject.origin, subject.annotations))
    return Reader(layers, context.notes)


def _settings(subject: Subject, reader: Reader, port: str, context: Context) -> TargetGroupSettings:
    """`port` is `service.port` as the user wrote it."""
    params = subject.params
    target_type = reader.either(row.TARGET_TYPE, subject.text("targetType", params.target_type) if params else None)
    kind = target_type.value if target_type else context.config.default_target_type
    return TargetGroupSettings(
        target_type=target_type,
        protocol=reader.read(row.BACKEND_PROTOCOL),
        protocol_version=reader.read(row.BACKEND_PROTOCOL_VERSION),
        health_check_port=_health_check_port(reader.read(row.HEALTHCHECK_PORT)),
        health_check_protocol=reader.read(row.HEALTHCHECK_PROTOCOL),
        health_check_path=reader.read(row.HEALTHCHECK_PATH),
        health_check_interval=reader.read(row.HEALTHCHECK_INTERVAL),
        health_check_timeout=reader.read(row.HEALTHCHECK_TIMEOUT),
        healthy_threshold=reader.read(row.HEALTHY_THRESHOLD),
        unhealthy_threshold=reader.read(row.UNHEALTHY_THRESHOLD),
        success_codes=reader.read(row.SUCCESS_CODES),
        attributes=reader.keyed(row.TARGET_GROUP_ATTRIBUTES),
        tags=_tags(subject, reader, context),
        node_labels=reader.keyed(row.TARGET_NODE_LABELS) if kind == "instance" else {},
        control_port=reader.read(row.TARGET_CONTROL_PORT, row.TARGET_CONTROL_PORT.of(port)),
        multi_cluster=_multi_cluster(subject, reader),
    )


def _health_check_port(written: Setting[str] | None) -> Setting[int | str] | None:
    if written is None:
        return None
    number = int32(written.value).value
    return Setting(written.value if number is None else number, written.origin)


def _tags(subject: Subject, reader: Reader, context: Context) -> dict[str, Setting[str]]:
    """For each key, the first layer that has it is used; the class overrides all layers."""
    merged: dict[str, Setting[str]] = {}
    for layer in reversed(reader.layers):
        merged |= layer.keyed(row.TAGS)
    return {**load_balancer.checked(merged, context), **load_balancer.class_tags(subject, context)}


def _multi_cluster(subject: Subject, reader: Reader) -> bool:
    """True if one of them sets it. The Service cannot switch it off if the Ingress switches it on."""
    mine = subject.reader.read(row.MULTI_CLUSTER)
    if mine and mine.value:
        return True
    theirs = reader.layers[0].read(row.MULTI_CLUSTER)
    return bool(theirs and theirs.value)
