"""TargetGroupBinding objects as resources of a stack: the existing ones, and the operations that change them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from albatross.catalog import networking, tracking
from albatross.catalog.kinds import KINDS
from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client, Object
from albatross.kube.errors import KubeConflict, KubeError, KubeNotFound
from albatross.model.observed import Owned
from albatross.model.plan import DeleteBinding, PutBinding
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.ref import Pairs, Token
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key, LabelSelector, TargetGroupBinding

ROW = KINDS["TargetGroupBinding"]
# The finalizer first deregisters targets and corrects security groups; the AWS controller also waits one minute.
DELETE_SECONDS = 60.0

Resolve = Callable[[Token], str]


class BindingStuck(KubeError):
    """A deleted binding still exists, because its finalizer cannot finish."""


# Reading -----------------------------------------------------------------------------------------------------------


def observe(found: Iterable[TargetGroupBinding], stack: StackId) -> tuple[Owned[Binding], ...]:
    """The stack's bindings. Their ids are empty: the resource id is the id of the target group, and only AWS knows it."""
    wanted = frozenset(tracking.labels(stack))
    mine = [binding for binding in found if wanted <= binding.metadata.labels.items()]
    return tuple(_owned(binding, stack) for binding in sorted(mine, key=lambda each: each.metadata.key))


def _owned(found: TargetGroupBinding, stack: StackId) -> Owned[Binding]:
    binding = Binding(
        id="",
        namespace=found.metadata.namespace,
        name=found.metadata.name,
        labels=tracking.own_labels(found.metadata.labels, stack),
        target_group=found.target_group_arn,
        target_type=found.target_type,
        service=found.service,
        port=found.port,
        networking=networking.parse(found.networking),
        node_selector=_selector(found.node_selector),
        ip_address_type=found.ip_address_type or "ipv4",
        vpc_id=found.vpc_id,
        multi_cluster=found.multi_cluster,
        protocol=found.target_group_protocol,
    )
    return Owned(
        resource=binding, arn=f"{found.metadata.namespace}/{found.metadata.name}", state="deleting" if found.metadata.deleting else ""
    )


def _selector(found: LabelSelector | None) -> Pairs:
    if found is None:
        return ()
    # We never write expressions. These pairs occur in no desired selector, so `diff` reports a difference.
    foreign = [(each.key, f"{each.operator} {','.join(each.values)}") for each in found.match_expressions]
    return tuple(sorted([*found.match_labels.items(), *foreign]))


# Objects -----------------------------------------------------------------------------------------------------------


def manifest(binding: Binding, stack: StackId, resolve: Resolve) -> Object:
    """The object for the API server."""
    return {
        "apiVersion": ROW.api_version,
        "kind": ROW.kind,
        "metadata": {"namespace": binding.namespace, "name": binding.name, "labels": dict((*tracking.labels(stack), *binding.labels))},
        "spec": spec(binding, resolve),
    }


def spec(binding: Binding, resolve: Resolve) -> Object:
    """The spec; fields that are not needed are omitted."""
    optional = {
        "networking": None if binding.networking is None else _networking(binding.networking, resolve),
        "nodeSelector": {"matchLabels": dict(binding.node_selector)} if binding.node_selector else None,
        "vpcID": binding.vpc_id or None,
        "multiClusterTargetGroup": binding.multi_cluster or None,
        "targetGroupProtocol": binding.protocol or None,
    }
    return {
        "targetGroupARN": resolve(binding.target_group),
        "targetType": binding.target_type,
        "serviceRef": {"name": binding.service, "port": binding.port},
        "ipAddressType": binding.ip_address_type,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _networking(rules: Iterable[NetworkingRule], resolve: Resolve) -> Object:
    return {"ingress": [_written(each, resolve) for each in networking.entries(rules)]}


def _written(rules: Sequence[NetworkingRule], resolve: Resolve) -> Object:
    """One element of the list: all sources and all ports of its rules."""
    peers = dict.fromkeys((each.source_group, each.cidr) for each in rules)
    ports = dict.fromkeys((each.protocol, each.port) for each in rules)
    return {
        "from": [{"ipBlock": {"cidr": cidr}} if cidr else {"securityGroup": {"groupID": resolve(group)}} for group, cidr in peers],
        "ports": [{"protocol": protocol} | ({} if port is None else {"port": port}) for protocol, port in ports],
    }


# Operations --------------------------------------------------------------------------------------------------------


class Bindings:
    """Performs the operations on bindings."""

    def __init__(self, client: Client, cache: Cache) -> None:
        self._client = client
        self._cache = cache
        self._waiting: dict[Key, asyncio.Event] = {}
        cache.listen(self._heard)

    async def put(self, operation: PutBinding, stack: StackId, resolve: Resolve) -> None:
        """Create the binding or change it in place; labels and annotations of others are kept."""
        body = manifest(operation.resource, stack, resolve)
        if operation.before is not None:
            await self._change(_key(operation.before.arn), body)
            return
        try:
            await self._client.create(ROW.path(operation.resource.namespace), body)
        except KubeConflict:
            await self._adopt((operation.resource.namespace, operation.resource.name), body)

    async def delete(self, operation: DeleteBinding) -> None:
        """Delete the binding and wait until it no longer exists; no error if it does not exist."""
        await self._remove(_key(operation.before.arn))

    def deleting(self, key: Key) -> bool:
        """Whether we are deleting this binding now."""
        return key in self._waiting

    async def _change(self, key: Key, body: Object) -> None:
        path = ROW.path(*key)
        present = await self._client.get(path)
        # A merge patch keeps fields that it does not name, so fields of the spec that are not needed any more are set to null.
        surplus = {name: None for name in present.get("spec", {}) if name not in body["spec"]}
        selector = _replaced(present.get("spec", {}).get("nodeSelector"), body["spec"].get("nodeSelector"))
        change = {
            "metadata": {"resourceVersion": present["metadata"]["resourceVersion"], "labels": body["metadata"]["labels"]},
            "spec": {**surplus, **body["spec"], **selector},
        }
        await self._client.patch(path, change)

    async def _adopt(self, key: Key, body: Object) -> None:
        """A binding with this name exists: an interrupted pass created it, or it is an old one and a user deleted its target group."""
        present = await self._client.get(ROW.path(*key))
        deleting = present["metadata"].get("deletionTimestamp")
        if not deleting and present.get("spec", {}).get("targetGroupARN") == body["spec"]["targetGroupARN"]:
            await self._change(key, body)
            return
        await self._remove(key)
        await self._client.create(ROW.path(key[0]), body)

    async def _remove(self, key: Key) -> None:
        gone = self._waiting.setdefault(key, asyncio.Event())
        try:
            await self._client.delete(ROW.path(*key))
            async with self._client.clock.timeout(DELETE_SECONDS):
                while await self._stands(key):
                    await self._pause(gone)
        except KubeNotFound:
            pass
        except TimeoutError:
            raise BindingStuck(f"TargetGroupBinding {key[0]}/{key[1]} is still there {DELETE_SECONDS:g} s after its deletion") from None
        finally:
            self._waiting.pop(key, None)

    async def _pause(self, gone: asyncio.Event) -> None:
        """Wait until the watch reports the deletion, but check every 2 s too: the watch may be down."""
        try:
            async with self._client.clock.timeout(2):
                await gone.wait()
        except TimeoutError:
            pass

    async def _stands(self, key: Key) -> bool:
        try:
            await self._client.get(ROW.path(*key))
        except KubeNotFound:
            return False
        return True

    def _heard(self, change: Change) -> None:
        if change.kind == ROW.kind and change.new is None and change.key in self._waiting:
            self._waiting[change.key].set()


def _replaced(before: Object | None, after: Object | None) -> Object:
    """A node selector for a merge over another: labels and expressions that are not needed any more are set to null."""
    if not before or not after:
        return {}
    stale = {label: None for label in before.get("matchLabels") or {} if label not in after["matchLabels"]}
    return {"nodeSelector": {"matchLabels": {**stale, **after["matchLabels"]}, "matchExpressions": None}}


def _key(name: str) -> Key:
    namespace, _, rest = name.partition("/")
    return (namespace, rest)
