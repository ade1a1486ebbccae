"""Admission webhooks: who wants to see a write, and what they say of it."""

import base64
import functools
import random
import ssl
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping

import aiohttp
import orjson

from albatross_sandbox.kube import condition, names, patch, selector, view
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.resources import Registry, Resource
from albatross_sandbox.kube.store import Store
from albatross_sandbox.kube.value import Obj, dig

SERVICE_MAP = "sandbox.albatross/webhook"
"""The annotation of a Service, or of a webhook configuration, that names the URL at which its webhook really is (`https://127.0.0.1:9443`)."""
_KINDS = (
    ("mutatingwebhookconfigurations.admissionregistration.k8s.io", True),
    ("validatingwebhookconfigurations.admissionregistration.k8s.io", False),
)
_OWN = "admissionregistration.k8s.io"
Hook = tuple[bool, Obj, Obj]
"""Whether it is a mutating one, the webhook, and its configuration."""
Ask = Callable[[Obj, Obj, Obj | None], Awaitable[tuple[Obj | None, Resource]]]
"""A webhook, its configuration and the object as it is now → what the webhook answers, and the version in which it saw the object."""


class Admission:
    """Calls the webhooks of one cluster.

    A webhook's `clientConfig.service` is reached at, in this order: what `services` or the annotation `SERVICE_MAP` names for
    it; a ready endpoint of the Service on loopback. There is no cluster network to reach it otherwise.
    """

    def __init__(self, store: Store, registry: Registry, services: Mapping[str, str] | None = None) -> None:
        self._store, self._registry = store, registry
        self.services = dict(services or {})  # "namespace/name" → URL
        self._session: aiohttp.ClientSession | None = None
        self._edition: tuple[int, int] = (-1, -1)
        self._hooks: list[Hook] = []

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session:
            await self._session.close()

    def wanted(self, resource: Resource, operation: str, namespace: str, subresource: str) -> bool:
        """Whether any webhook's rules name this."""
        return any(self._version(hook, resource, operation, subresource) for _, hook, _ in self._all())

    async def review(
        self,
        resource: Resource,
        operation: str,
        pair: tuple[Obj | None, Obj | None],
        options: Options,
        subresource: str,
    ) -> Obj:
        """The object as the webhooks leave it, mutating ones first; a Fault where one refuses or cannot be asked."""
        old = pair[1]

        async def ask(hook: Obj, config: Obj, new: Obj | None) -> tuple[Obj | None, Resource]:
            shown = self._version(hook, resource, operation, subresource)
            if shown is None:
                return None, resource
            request = _request(shown, operation, (_seen(resource, shown, new), _seen(resource, shown, old)), options, subresource)
            request |= {"requestKind": _kind(resource), "requestResource": _place(resource)}
            return await self._one(hook, config, shown, request, options), shown

        new, again = await _mutated(resource, pair[0], self._all(), ask)
        if again:  # mutating webhooks that ask for it see once more what those after them changed
            new, _ = await _mutated(resource, new, again, ask)
        for mutating, hook, config in self._all():
            if not mutating:
                await ask(hook, config, new)
        return new or {}

    async def _one(self, hook: Obj, config: Obj, resource: Resource, request: Obj, options: Options) -> Obj | None:
        """What one webhook answers; None where it does not want this, or failed and may be ignored. A Fault where it refuses."""
        subject = request["object"] or request["oldObject"] or {}
        if not self._selected(hook, subject, resource):
            return None
        try:
            if not condition.matches(hook, request):
                return None
        except condition.Unclear as problem:
            if hook.get("failurePolicy") == "Ignore":
                return None
            raise Fault(403, "Forbidden", f'webhook "{hook["name"]}": {problem}') from problem
        answer = await self._ask(hook, config, request)
        if answer is None:
            return None
        options.warnings.extend(answer.get("warnings") or ())
        if not answer.get("allowed"):
            raise _denied(hook, answer)
        return answer

    def _version(self, hook: Obj, resource: Resource, operation: str, subresource: str) -> Resource | None:
        """The version in which a webhook sees what is asked for; None where its rules do not name it.

        Without `matchPolicy: Exact`, a rule for another version (or, of Events, for the other group) counts too, as in
        `k8s.io/apiserver/pkg/admission/plugin/webhook/generic`.
        """
        others = () if hook.get("matchPolicy") == "Exact" else (each for each in self._registry if each.kept == resource.kept)
        return next((each for each in (resource, *others) if _ruled(hook, each, operation, subresource)), None)

    def _all(self) -> list[Hook]:
        """All webhooks, mutating ones first, each by the name of its configuration; read again only when they changed."""
        entries = [(mutating, entry) for kind, mutating in _KINDS for entry in self._store.scan(kind)]
        edition = (len(entries), max((entry.version for _, entry in entries), default=0))
        if edition != self._edition:
            self._edition = edition
            loaded = [(mutating, entry.obj()) for mutating, entry in entries]
            self._hooks = [(mutating, hook, config) for mutating, config in loaded for hook in config.get("webhooks") or ()]
        return self._hooks

    def _selected(self, hook: Obj, obj: Obj, resource: Resource) -> bool:
        metadata = obj.get("metadata") or {}
        if hook.get("objectSelector") and not selector.selects(hook["objectSelector"], metadata.get("labels") or {}):
            return False
        if not hook.get("namespaceSelector"):
            return True
        if resource.kind == "Namespace":
            return selector.selects(hook["namespaceSelector"], metadata.get("labels") or {})
        home = self._store.get("namespaces", "", metadata.get("namespace") or "") if resource.namespaced else None
        # Cluster-wide objects are never held back by a namespace selector.
        return not resource.namespaced or selector.selects(hook["namespaceSelector"], home.labels if home else {})

    async def _ask(self, hook: Obj, config: Obj, request: Obj) -> Obj | None:
        """What a webhook answers; None where it failed and may be ignored."""
        try:
            return await self._post(hook, config, request)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as problem:
            if hook.get("failurePolicy") == "Ignore":
                return None
            why = problem or type(problem).__name__
            text = f'Internal error occurred: failed calling webhook "{hook["name"]}": failed to call webhook: {why}'
            raise Fault(500, "InternalError", text, {"causes": [{"message": text.partition(": ")[2]}]}) from problem

    async def _post(self, hook: Obj, config: Obj, request: Obj) -> Obj:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        client = hook["clientConfig"]
        seconds = hook.get("timeoutSeconds") or 10
        url, name = self._url(client, config, seconds)
        review = {"kind": "AdmissionReview", "apiVersion": _reviewed(hook), "request": request}
        timeout = aiohttp.ClientTimeout(total=seconds)
        tls = _trust(client.get("caBundle"))
        headers = {"Content-Type": "application/json"}
        async with self._session.post(
            url, data=orjson.dumps(review), ssl=tls, timeout=timeout, headers=headers, server_hostname=name
        ) as answer:
            if answer.status != 200:
                raise ValueError(f"an error on the server ({(await answer.text()).strip()!r}) has prevented the request from succeeding")
            found: Obj = (orjson.loads(await answer.read()))["response"]
            if found.get("uid") != request["uid"]:
                raise ValueError(f"expected response.uid={request['uid']!r}, got {found.get('uid')!r}")
            return found

    def _url(self, client: Obj, config: Obj, seconds: int) -> tuple[str, str | None]:
        """Where a webhook is, and the name that its certificate must have where that is not the URL's."""
        if client.get("url"):
            return client["url"], None
        target = client["service"]
        place, path = f"{target['namespace']}/{target['name']}", (target.get("path") or "/")
        service = self._store.get("services", target["namespace"], target["name"])
        mapped = self.services.get(place) or dig(config, "metadata", "annotations", SERVICE_MAP)
        mapped = mapped or (dig(service.obj(), "metadata", "annotations", SERVICE_MAP) if service else None)
        base = mapped or self._endpoint(target["namespace"], target["name"], target.get("port") or 443)
        if base is None:
            raise ValueError(
                f'no endpoints available for service "{target["name"]}"' if service else f'service "{target["name"]}" not found'
            )
        query = f"?timeout={seconds}s"
        return base.rstrip("/") + "/" + path.lstrip("/") + query, f"{target['name']}.{target['namespace']}.svc"

    def _endpoint(self, namespace: str, name: str, port: int) -> str | None:
        """Any of the ready endpoints of a Service that are on loopback."""
        service = self._store.get("services", namespace, name)
        wanted = next(
            (item for item in dig(service.obj() if service else {}, "spec", "ports", default=[]) if item.get("port") == port), None
        )
        if wanted is None:
            return None
        slices = self._store.scan("endpointslices.discovery.k8s.io", namespace)
        found = [url for each in slices if each.labels.get("kubernetes.io/service-name") == name for url in _ready(each.obj(), wanted)]
        return random.choice(found) if found else None


async def _mutated(resource: Resource, new: Obj | None, hooks: list[Hook], ask: Ask) -> tuple[Obj | None, list[Hook]]:
    """The object after the mutating ones, and those that want to be asked again, because another one changed it after them."""
    seen: list[tuple[Obj | None, Hook]] = []
    for mutating, hook, config in hooks:
        if not mutating:
            continue
        answer, shown = await ask(hook, config, new)
        if answer and answer.get("patch") and new is not None:
            changed = patch.operations(_seen(resource, shown, new) or {}, orjson.loads(base64.b64decode(answer["patch"])))
            new = _seen(shown, resource, changed)
        if answer and hook.get("reinvocationPolicy") == "IfNeeded":
            seen.append((new, (mutating, hook, config)))
    return new, [each for left, each in seen if left != new]


def _ready(slice_: Obj, wanted: Obj) -> Iterator[str]:
    ports = [port for port in slice_.get("ports") or () if (port.get("name") or "") == (wanted.get("name") or "")]
    for endpoint in slice_.get("endpoints") or ():
        for address in endpoint.get("addresses") or ():
            local = address.startswith("127.") or not names.address(address)
            if ports and local and dig(endpoint, "conditions", "ready", default=True) is not False:
                yield f"https://{address}:{ports[0]['port']}"


def _reviewed(hook: Obj) -> str:
    known = hook.get("admissionReviewVersions") or ["v1"]
    return "admission.k8s.io/v1" if "v1" in known else "admission.k8s.io/v1beta1"


@functools.lru_cache(maxsize=64)
def _trust(bundle: str | None) -> ssl.SSLContext:
    """The certificates a webhook is trusted by; without a bundle those of the system, as everywhere."""
    return ssl.create_default_context(cadata=base64.b64decode(bundle).decode() if bundle else None)


def _ruled(hook: Obj, resource: Resource, operation: str, subresource: str) -> bool:
    if resource.group == _OWN:
        return False
    path = f"{resource.plural}/{subresource}" if subresource else resource.plural
    for rule in hook.get("rules") or ():
        if not {operation, "*"} & set(rule.get("operations") or ()) or not {resource.group, "*"} & set(rule.get("apiGroups") or ()):
            continue
        if not {resource.version, "*"} & set(rule.get("apiVersions") or ()):
            continue
        scope = rule.get("scope") or "*"
        if scope != "*" and (scope == "Namespaced") != resource.namespaced:
            continue
        accepted = {path, "*/*", f"*/{subresource}" if subresource else "*", f"{resource.plural}/*"}
        if accepted & set(rule.get("resources") or ()):
            return True
    return False


def _seen(given: Resource, wanted: Resource, obj: Obj | None) -> Obj | None:
    """An object of one version as another one shows it."""
    return obj if obj is None or given is wanted else view.show(wanted, view.keep(given, obj))


def _kind(resource: Resource) -> Obj:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _place(resource: Resource) -> Obj:
    return {"group": resource.group, "version": resource.version, "resource": resource.plural}


def _request(resource: Resource, operation: str, pair: tuple[Obj | None, Obj | None], options: Options, subresource: str) -> Obj:
    new, old = pair
    metadata = (new or old or {}).get("metadata") or {}
    user = options.user
    choice = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}[operation]
    request: Obj = {
        "uid": str(uuid.uuid4()),
        "kind": _kind(resource),
        "resource": _place(resource),
        "name": metadata.get("name") or "",
        "operation": operation,
        "userInfo": {"username": user.name, "groups": list(user.groups), **({"uid": user.uid} if user.uid else {})},
        "object": new,
        "oldObject": old,
        "dryRun": options.dry,
        "options": {"kind": choice, "apiVersion": "meta.k8s.io/v1"},
    }
    if resource.namespaced:
        request["namespace"] = metadata.get("namespace") or ""
    if subresource:
        request.update({"subResource": subresource, "requestSubResource": subresource})
    return request


def _denied(hook: Obj, answer: Obj) -> Fault:
    status = answer.get("status") or {}
    text = status.get("message") or status.get("reason") or "without explanation"
    middle = " " if text == "without explanation" else ": "
    message = f'admission webhook "{hook["name"]}" denied the request{middle}{text}'
    return Fault(int(status.get("code") or 403), status.get("reason") or "Forbidden", message, status.get("details") or {})
