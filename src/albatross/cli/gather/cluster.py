"""What the Kubernetes API says: objects, controllers, events, definitions, webhooks, the leader."""

import asyncio
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from albatross.catalog import identity, kinds, webhooks
from albatross.catalog.identity import Principal
from albatross.cli import live
from albatross.cli.gather.parts import Parts
from albatross.diagnose import controllers
from albatross.diagnose.evidence import Authority, Body, grouped, key
from albatross.kube.client import Client
from albatross.kube.errors import KubeError, KubeNotFound
from albatross.model.ident import Ident
from albatross.model.snapshot import Snapshot

LISTS = {
    "Deployment": "/apis/apps/v1/deployments",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "MutatingWebhookConfiguration": "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "ValidatingWebhookConfiguration": "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "Lease": "/apis/coordination.k8s.io/v1/leases",
}
"""The places of kinds that the controller itself does not read."""
HOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
CERTIFICATES = (webhooks.SECRET, "aws-load-balancer-tls")
"""The Secrets with the certificates of webhooks: ours, and that of the other controller."""
MARK = b"-----BEGIN CERTIFICATE-----"


@dataclass(slots=True)
class Cluster:
    """What was found. `raw` are objects as JSON by kind."""

    raw: dict[str, tuple[Body, ...]] = field(default_factory=dict)
    authorities: Mapping[str, tuple[Authority, ...]] = field(default_factory=dict)
    leader: Principal | None = None
    snapshot: Snapshot = field(default_factory=Snapshot)


async def look(client: Client, parts: Parts, subject: Ident | None) -> Cluster:
    """Everything. With a subject, only the pods and events of its namespace are read."""
    found = Cluster()
    namespace = subject.namespace if subject else ""
    objects, deployments, events, pods, _ = await asyncio.gather(
        parts.part("objects", lambda: _objects(client)),
        parts.part("controllers", lambda: listed(client, "Deployment")),
        parts.part("events", lambda: _events(client, subject)),
        parts.part("objects", lambda: _some(client, ("Pod", "EndpointSlice"), namespace)),
        _rest(client, parts, found, subject),
    )
    found.raw |= grouped((str(each["kind"]), each) for each in (*(objects or ()), *(pods or ())))
    found.raw["Deployment"] = deployments or ()
    homes = {each.namespace for each in controllers.running(deployments or ())} - {namespace} if subject else set()
    more = await asyncio.gather(*(parts.part("controllers", partial(_home, client, home)) for home in sorted(homes)))
    found.raw["Pod"] = (*found.raw.get("Pod", ()), *(pod for each in more if each for pod in each[0]))
    found.raw["Event"] = (*(events or ()), *(event for each in more if each for event in each[1]))
    found.snapshot = kinds.snapshot(each for kind, own in found.raw.items() if kind in kinds.KINDS for each in own)
    return found


async def _rest(client: Client, parts: Parts, found: Cluster, subject: Ident | None) -> None:
    """The parts that only `doctor` needs; the leader is for both."""
    found.leader = await parts.part("leader", lambda: _leader(client))
    if subject is not None:
        return
    definitions, hooks = await asyncio.gather(
        parts.part("definitions", lambda: listed(client, "CustomResourceDefinition")), parts.part("webhooks", lambda: _hooks(client))
    )
    found.raw["CustomResourceDefinition"] = definitions or ()
    found.raw.update(hooks or {})
    every = [each for own in (hooks or {}).values() for each in own]
    found.authorities = await parts.part("webhooks", lambda: _authorities(client, every)) or {}


async def listed(client: Client, kind: str, path: str = "", params: Mapping[str, str] | None = None) -> tuple[Body, ...]:
    """Every object of a kind, with its kind; empty if the cluster does not know the kind."""
    try:
        found = await client.get(path or LISTS[kind], params)
    except KubeNotFound:
        return ()
    return tuple({**each, "kind": kind} for each in found.get("items") or ())


async def _objects(client: Client) -> list[Body]:
    return [*await live.held(client), *await live.objects(client, ("Node", "ServiceAccount"))]


async def _some(client: Client, names: Iterable[str], namespace: str) -> list[Body]:
    found = await asyncio.gather(*(listed(client, name, kinds.KINDS[name].path(namespace)) for name in names))
    return [{**each, "apiVersion": kinds.KINDS[each["kind"]].api_version} for some in found for each in some]


async def _home(client: Client, namespace: str) -> tuple[Sequence[Body], Sequence[Body]]:
    """The pods of the namespace of a controller, and the events about them."""
    pods = await _some(client, ("Pod",), namespace)
    path = f"/api/v1/namespaces/{namespace}/events"
    return pods, await listed(client, "Event", path, {"fieldSelector": "involvedObject.kind=Pod"})


async def _events(client: Client, subject: Ident | None) -> tuple[Body, ...]:
    if subject is None:
        return await listed(client, "Event", "/api/v1/events", {"fieldSelector": "type=Warning"})
    selector = f"involvedObject.kind={subject.kind},involvedObject.name={subject.name}"
    return await listed(client, "Event", f"/api/v1/namespaces/{subject.namespace}/events", {"fieldSelector": selector})


async def _leader(client: Client) -> Principal | None:
    """Who the leading controller is in AWS, from its Lease."""
    found = await listed(client, "Lease", params={"labelSelector": identity.SELECTOR})
    return next((known for each in found if (known := identity.leader(each))), None)


# Webhooks --------------------------------------------------------------------------------------------------------------


async def _hooks(client: Client) -> dict[str, tuple[Body, ...]]:
    return dict(zip(HOOKS, await asyncio.gather(*(listed(client, kind) for kind in HOOKS)), strict=True))


async def _authorities(client: Client, found: Iterable[Body]) -> dict[str, tuple[Authority, ...]]:
    """The CAs of each configuration, by its name."""
    every = list(found)
    homes = {str(_service(hook).get("namespace")) for each in every for hook in each.get("webhooks") or () if _service(hook)}
    secrets = await asyncio.gather(*(_served(client, home) for home in sorted(homes)))
    served = dict(zip(sorted(homes), secrets, strict=True))
    return {f"{each['kind']}/{key(each)[1]}": _bundle(each, served) for each in every}


def _service(hook: Body) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (hook.get("clientConfig") or {}).get("service") or {}
    return found


async def _served(client: Client, namespace: str) -> tuple[x509.Certificate, ...]:
    """The certificates that controllers of a namespace serve; none if their Secrets cannot be read."""
    found: list[x509.Certificate] = []
    for name in CERTIFICATES:
        try:
            secret = await client.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        except KubeError:
            continue
        found += _certificates(b64decode((secret.get("data") or {}).get("tls.crt") or ""))[:1]
    return tuple(found)


def _bundle(configuration: Body, served: Mapping[str, tuple[x509.Certificate, ...]]) -> tuple[Authority, ...]:
    found: dict[str, Authority] = {}
    for hook in configuration.get("webhooks") or ():
        own = served.get(str(_service(hook).get("namespace")), ())
        for each in _certificates(b64decode((hook.get("clientConfig") or {}).get("caBundle") or "")):
            found[str(each.serial_number)] = Authority(
                name=each.subject.rfc4514_string(),
                begins=each.not_valid_before_utc.timestamp(),
                ends=each.not_valid_after_utc.timestamp(),
                signs=any(_signed(one, each) for one in own) if own else None,
            )
    return tuple(found.values())


def _certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM text; none if it is something else."""
    try:
        return x509.load_pem_x509_certificates(pem) if MARK in pem else []
    except ValueError:
        return []


def _signed(one: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
