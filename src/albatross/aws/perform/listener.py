"""Creates, changes and deletes listeners."""

from albatross.aws.perform import attribute, tag
from albatross.aws.perform.learn import Learnt
from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.session.retry import LISTENER_NOT_FOUND, again, known
from albatross.aws.wire import action
from albatross.aws.wire import listener as wire
from albatross.model.plan import Create, Delete, Update
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Pairs, Ref

SETTINGS = frozenset({"protocol", "default_actions", "certificates", "ssl_policy", "alpn_policy", "mutual_authentication"})
"""Fields that ModifyListener changes; of the certificates, only the default one."""


async def create(session: Session, made: Create, listener: Listener) -> Learnt:
    """CreateListener with its default certificate, then the SNI list, then attributes."""
    weighted = session.config.gate("WeightedTargetGroups")
    balancer = action.literal(listener.load_balancer)
    request = wire.settings(listener, weighted)
    answer = await session.call("elbv2", "CreateListener", LoadBalancerArn=balancer, **request, Tags=tag.items(made.tags))
    item = answer["Listeners"][0]
    arn = item["ListenerArn"]
    session.inventory.retag(arn, dict(made.tags))
    _remember(session, arn, listener)
    if listener.ssl_policy or item.get("SslPolicy"):
        await _certificates(session, arn, wire.extras(listener), frozenset())
    if listener.attributes and listener.protocol != "TLS":
        now = await known(lambda: session.call("elbv2", "DescribeListenerAttributes", ListenerArn=arn), session.clock)
        await _attributes(session, arn, listener.attributes, attribute.pairs(now))
    return {Ref("Listener", listener.id, "arn"): arn}


async def update(session: Session, change: Update, listener: Listener) -> None:
    """Tags, settings, the SNI list (after the default certificate, which may have been in that list), attributes."""
    arn, before = change.before.arn, change.before.resource
    assert isinstance(before, Listener)
    await tag.balancing(session, change)
    modified = _settings_differ(change, before, listener)
    if modified:
        request = wire.settings(listener, session.config.gate("WeightedTargetGroups"))
        if "mutual_authentication" in change.changed and listener.mutual_authentication is None:
            request["MutualAuthentication"] = {"Mode": "off"}
        if "alpn_policy" in change.changed and not listener.alpn_policy:
            request["AlpnPolicy"] = ["None"]
        await session.call("elbv2", "ModifyListener", ListenerArn=arn, **request)
        _remember(session, arn, listener)
    if (modified or "certificates" in change.changed) and (listener.ssl_policy or before.ssl_policy):
        sni = await _sni(session, arn) if modified else frozenset(action.literal(each) for each in before.certificates[1:])
        await _certificates(session, arn, wire.extras(listener), sni)
    if "attributes" in change.changed:
        await _attributes(session, arn, listener.attributes, before.attributes)


def _settings_differ(change: Update, before: Listener, listener: Listener) -> bool:
    fields = set(change.changed) & SETTINGS
    same_default = before.certificates[:1] == listener.certificates[:1]
    return bool(fields - {"certificates"}) or ("certificates" in fields and not same_default)


async def _sni(session: Session, arn: str) -> frozenset[str]:
    """The current SNI list: a call that sets the default certificate, even to its current value, can remove it from the list."""
    items = await session.pages("elbv2", "DescribeListenerCertificates", "Certificates", ListenerArn=arn)
    return frozenset(each["CertificateArn"] for each in items if not each.get("IsDefault"))


async def _certificates(session: Session, arn: str, desired: frozenset[str], current: frozenset[str]) -> None:
    """One certificate per call, because the API requires it; removals first, because there is a quota."""
    for certificate in sorted(current - desired):
        await session.call("elbv2", "RemoveListenerCertificates", ListenerArn=arn, Certificates=[{"CertificateArn": certificate}])
    for certificate in sorted(desired - current):
        await _add(session, arn, certificate)


async def _add(session: Session, arn: str, certificate: str) -> None:
    async def call() -> object:
        return await session.call("elbv2", "AddListenerCertificates", ListenerArn=arn, Certificates=[{"CertificateArn": certificate}])

    await again(call, on=LISTENER_NOT_FOUND, clock=session.clock)


async def _attributes(session: Session, arn: str, desired: Pairs, current: Pairs) -> None:
    if changes := attribute.differing(desired, current):
        await session.call("elbv2", "ModifyListenerAttributes", ListenerArn=arn, Attributes=changes)


def _remember(session: Session, arn: str, listener: Listener) -> None:
    if secret := action.secret(listener.default_actions):
        session.secrets[arn] = secret


async def delete(session: Session, gone: Delete) -> None:
    """DeleteListener, with all its rules."""
    try:
        await session.call("elbv2", "DeleteListener", ListenerArn=gone.before.arn)
    except NotFound:
        pass
    session.secrets.pop(gone.before.arn, None)
