"""The settings of one Ingress for the load balancer. The class parameters override the annotations."""

from albatross.catalog.annotations import albatross
from albatross.catalog.annotations import ingress as row
from albatross.catalog.value import Parsed, int32, refused
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.pairs import capacity_units
from albatross.frontend.protection import settable
from albatross.model.intent import Keyed, LoadBalancerSettings, Names, Overrides, Setting, SubnetSelector


def settings(subject: Subject, context: Context) -> LoadBalancerSettings:
    """Read the annotations and parameters of the load balancer itself."""
    reader, params = subject.reader, subject.params
    subnets, selector = _subnets(subject)
    name, arn = _web_acl(subject)
    return LoadBalancerSettings(
        name=reader.either(row.LOAD_BALANCER_NAME, subject.text("loadBalancerName", params.load_balancer_name) if params else None),
        scheme=reader.either(row.SCHEME, subject.text("scheme", params.scheme) if params else None),
        ip_address_type=reader.either(row.IP_ADDRESS_TYPE, subject.text("ipAddressType", params.ip_address_type) if params else None),
        subnets=subnets,
        subnet_selector=selector,
        security_groups=reader.read(row.SECURITY_GROUPS),
        manage_backend_rules=reader.read(row.MANAGE_BACKEND_RULES) if context.security_groups_given else None,
        customer_owned_ipv4_pool=reader.narrowed(reader.read(row.CUSTOMER_OWNED_IPV4_POOL), _filled),
        ipv4_ipam_pool=_written(reader.read(row.IPAM_IPV4_POOL_ID)),
        attributes=reader.keyed(row.LOAD_BALANCER_ATTRIBUTES),
        minimum_capacity=_capacity(subject, context),
        replace_grace=reader.read(albatross.REPLACE_GRACE),
        ssl_redirect=_ssl_redirect(subject, context),
        web_acl_name=name,
        web_acl_arn=arn,
        web_acl_classic=_written(reader.read(row.WAF_ACL_ID) if reader.raw(row.WAF_ACL_ID.key) else reader.read(row.WEB_ACL_ID)),
        shield=reader.read(row.SHIELD),
    )


def overrides(subject: Subject) -> Overrides:
    """The class settings that apply to the whole group if this Ingress is its first member."""
    params = subject.params
    if params is None:
        return Overrides()
    pool, capacity = params.ipv4_ipam_pool_id, params.minimum_load_balancer_capacity
    at = subject.params_origin
    listeners: dict[tuple[str, int], Keyed] = {}
    for index, listener in enumerate(params.listeners):
        place = at(f"listeners[{index}].listenerAttributes")
        listeners.setdefault((listener.protocol, listener.port), {key: Setting(value, place) for key, value in listener.attributes})
    return Overrides(
        attributes={key: Setting(value, at("loadBalancerAttributes")) for key, value in params.load_balancer_attributes},
        minimum_capacity=None if capacity is None else Setting(capacity, at("minimumLoadBalancerCapacity.capacityUnits")),
        ipv4_ipam_pool=None if pool is None else Setting(pool, at("ipamConfiguration.ipv4IPAMPoolId")),
        listener_attributes=listeners,
    )


def tags(subject: Subject, context: Context) -> Keyed:
    """The tags of every resource of this Ingress. For each key, the class overrides the Ingress."""
    return {**checked(subject.reader.keyed(row.TAGS), context), **class_tags(subject, context)}


def class_tags(subject: Subject, context: Context) -> Keyed:
    """The tags from the class parameters."""
    if subject.params is None:
        return {}
    return checked({key: Setting(value, subject.params_origin("tags")) for key, value in subject.params.tags}, context)


def checked(found: Keyed, context: Context) -> Keyed:
    """Report keys that users may not set, and return the tags."""
    return settable(found, context.config, context.notes)


def _filled(value: str) -> Parsed[str]:
    return Parsed(value) if value else refused("LB155", annotation=row.CUSTOMER_OWNED_IPV4_POOL.name)


def _written(found: Setting[str] | None) -> Setting[str] | None:
    return found if found and found.value else None


def _subnets(subject: Subject) -> tuple[Names | None, Setting[SubnetSelector] | None]:
    chosen = subject.params.subnets if subject.params else None
    if chosen is None:
        return subject.reader.read(row.SUBNETS), None
    field = "subnets.ids" if chosen.ids else "subnets.tags"
    selector = Setting(SubnetSelector(chosen.ids or (), tuple(sorted((chosen.tags or {}).items()))), subject.params_origin(field))
    ignored: Names = Setting((), selector.origin)
    subject.reader.either(row.SUBNETS, ignored)
    return None, selector


def _web_acl(subject: Subject) -> tuple[Setting[str] | None, Setting[str] | None]:
    """Name and ARN. An empty ARN annotation removes the web ACL; an empty name means not set."""
    params, reader = subject.params, subject.reader
    name = reader.either(row.WAFV2_ACL_NAME, subject.text("wafv2AclName", params.wafv2_acl_name) if params else None)
    arn = reader.either(row.WAFV2_ACL_ARN, subject.text("wafv2AclArn", params.wafv2_acl_arn) if params else None)
    return _written(name), arn


def _capacity(subject: Subject, context: Context) -> Setting[int] | None:
    if not context.config.gate("LBCapacityReservation"):
        return None
    if context.capacity:
        nothing: Setting[tuple[tuple[str, str], ...]] = Setting((), context.capacity.origin)
        # reports that the member's annotation has no effect
        subject.reader.either(row.MINIMUM_CAPACITY, nothing)
        return None
    return subject.reader.narrowed(subject.reader.read(row.MINIMUM_CAPACITY), capacity_units)


def _ssl_redirect(subject: Subject, context: Context) -> Setting[int] | None:
    params = subject.params
    written = subject.text("sslRedirectPort", params.ssl_redirect_port) if params else None
    if written is None:
        return subject.reader.read(row.SSL_REDIRECT)
    port = int32(written.value).value
    subject.reader.either(row.SSL_REDIRECT, Setting(port or 0, written.origin))
    if port is None:
        context.notes.add("LB162", written.origin, value=written.value)
        return None
    return Setting(port, written.origin)
