"""The webhook configurations: rows of `catalog.webhooks` as objects of API group admissionregistration.k8s.io/v1.

They do not belong to the manifests of an installation: the running controller writes them, after it knows that it is reached.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from albatross.catalog import webhooks
from albatross.catalog.webhooks import WEBHOOKS, Filter, Webhook

Object = dict[str, Any]

GROUP = "admissionregistration.k8s.io"
COLLECTIONS: Mapping[bool, str] = {
    True: f"/apis/{GROUP}/v1/mutatingwebhookconfigurations",
    False: f"/apis/{GROUP}/v1/validatingwebhookconfigurations",
}
"""The collection of each kind of configuration; True: mutating."""
INJECT = "cert-manager.io/inject-ca-from"
LABELS = {"app.kubernetes.io/name": "albatross", "app.kubernetes.io/managed-by": "albatross"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where the webhooks are served, and who serves them. `user` is the name of the controller at the API server; empty: unknown.

    `bundle` is PEM, the certificates that the API server trusts; empty if cert-manager has still to write it (`injected`).
    `ingress_class` is the value of the class annotation that is ours; empty: each value. `foreign` are IngressClasses of other controllers.
    """

    namespace: str
    service: str = webhooks.SERVICE
    port: int = webhooks.SERVICE_PORT
    bundle: bytes = b""
    injected: bool = False
    user: str = ""
    ingress_class: str = "alb"
    foreign: tuple[str, ...] = ()


def configurations(place: Serving, paths: Iterable[str]) -> dict[bool, Object | None]:
    """The mutating (True) and the validating (False) configuration with the webhooks at these paths; None if it would be empty."""
    wanted = set(paths)
    found: dict[bool, Object | None] = {}
    for mutating in (True, False):
        entries = [_entry(row, place) for row in WEBHOOKS if row.mutating is mutating and row.path in wanted]
        found[mutating] = _object(mutating, webhooks.CONFIGURATION, entries, place) if entries else None
    return found


def probe(place: Serving) -> Object:
    """The configuration of the probe: only ConfigMaps in our namespace with the label of the probe are sent to it."""
    entry = {
        "name": "probe.albatross.dev",
        "clientConfig": _client(webhooks.PROBE_PATH, place),
        "rules": [_rule("", "v1", "configmaps", ("CREATE",))],
        # Only our own probe waits for the answer.
        "failurePolicy": "Fail",
        "namespaceSelector": {"matchLabels": {webhooks.NAMESPACE_NAME: place.namespace}},
        "objectSelector": {"matchExpressions": [{"key": webhooks.PROBE_LABEL, "operator": "Exists"}]},
        **_COMMON,
    }
    return _object(False, webhooks.PROBE, [entry], place)


def question(place: Serving, nonce: str) -> Object:
    """The ConfigMap of a probe. The webhook refuses it with the nonce in its message, so it is never stored."""
    metadata = {"name": "albatross-webhook-probe", "namespace": place.namespace, "labels": {webhooks.PROBE_LABEL: nonce}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def bundle(found: Object) -> bytes:
    """The certificates that an existing configuration trusts; empty if it has none."""
    for entry in found.get("webhooks") or ():
        return base64.b64decode((entry.get("clientConfig") or {}).get("caBundle") or "")
    return b""


def blame(said: str) -> str:
    """The code of the problem, from the message of the API server about a webhook that it does not reach.

    The API server gives the reason only as text (`k8s.io/apiserver/pkg/admission/plugin/webhook`).
    """
    for words, code in (
        (("no endpoints available", "not found", "no service port"), "LB751"),
        (("x509", "certificate", "tls:"), "LB752"),
    ):
        if any(word in said for word in words):
            return code
    return "LB750"


def differs(wanted: Object, found: Object) -> bool:
    """Whether an existing configuration must be written again. Fields that are only in `found` do not count: the API server and
    cert-manager write them."""
    return not _within(wanted, found)


def _within(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_within(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(_within, wanted, found))
    return bool(wanted == found)


_COMMON: Mapping[str, Any] = {
    "matchPolicy": "Equivalent",  # another API version of the kind is sent too, converted
    "sideEffects": "None",
    "timeoutSeconds": webhooks.TIMEOUT_SECONDS,
    "admissionReviewVersions": ["v1"],
}


def _object(mutating: bool, name: str, entries: list[Object], place: Serving) -> Object:
    kind = "MutatingWebhookConfiguration" if mutating else "ValidatingWebhookConfiguration"
    metadata: Object = {"name": name, "labels": dict(LABELS)}
    if place.injected:
        metadata["annotations"] = {INJECT: f"{place.namespace}/{webhooks.CERTIFICATE}"}
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata, "webhooks": entries}


def _entry(row: Webhook, place: Serving) -> Object:
    entry: Object = {
        "name": row.name,
        "clientConfig": _client(row.path, place),
        "rules": [_rule(row.group, row.version, row.resource, row.operations)],
        "failurePolicy": row.policy,
        "namespaceSelector": dict(row.namespaces),
        "objectSelector": dict(row.objects),
        "matchConditions": [{"name": each.name, "expression": each.expression} for each in _conditions(row, place)],
        **_COMMON,
    }
    return entry


def _client(path: str, place: Serving) -> Object:
    service = {"namespace": place.namespace, "name": place.service, "port": place.port, "path": path}
    bundle = {"caBundle": base64.b64encode(place.bundle).decode()} if place.bundle else {}
    return {"service": service, **bundle}


def _rule(group: str, version: str, resource: str, operations: Iterable[str]) -> Object:
    return {"apiGroups": [group], "apiVersions": [version], "resources": [resource], "operations": list(operations), "scope": "*"}


def _conditions(row: Webhook, place: Serving) -> list[Filter]:
    """The conditions with their values. A condition with an empty value is left out."""
    values = {
        "user": json.dumps(place.user) if place.user else "",
        "class": json.dumps(place.ingress_class) if place.ingress_class else "",
        "foreign": json.dumps(sorted(place.foreign)) if place.foreign else "",
    }
    found = []
    for each in (webhooks.NOT_OURS, *row.conditions):
        template = Template(each.expression)
        if all(values[name] for name in template.get_identifiers()):
            found.append(Filter(each.name, template.substitute(values)))
    return found
