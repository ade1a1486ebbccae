"""What the controller says about objects with a failed last pass, and about itself: from events."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from albatross.catalog import event, identity
from albatross.catalog.event import Event
from albatross.cli.terminal.tree import Leaf
from albatross.frontend import ROOTS
from albatross.kube import bindings
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.model.ident import Ident

LEASES = "/apis/coordination.k8s.io/v1/leases"
BINDING = bindings.ROW.kind
KINDS = (*ROOTS, BINDING)
PAGE = 500

Told = Mapping[Ident, Leaf]


async def told(client: Client, namespace: str = "") -> Told:
    """A line for each object with a failed last pass, by object; nothing if the events cannot be read."""
    lists = await asyncio.gather(*(_events(client, kind, namespace) for kind in KINDS))
    found: dict[Ident, list[Event]] = {}
    for each in (each for items in lists for each in items):
        about = each["involvedObject"]
        found.setdefault(Ident(about["kind"], about.get("namespace", ""), about["name"]), []).append(each)
    said = {ident: event.failing(events) for ident, events in sorted(found.items())}
    return {ident: _leaf(ident, messages) for ident, messages in said.items() if messages}


def _leaf(ident: Ident, messages: Sequence[str]) -> Leaf:
    first, *others = messages
    return Leaf(f"{ident.kind} {ident.short}", "failed", first, tuple(Leaf("also", remark=each) for each in others))


async def leader(client: Client, name: str = "") -> tuple[str, tuple[str, ...]]:
    """Who the leading controller is in AWS, from the annotation of its Lease, and its warnings about itself.

    Empty if no Lease says it, or if it cannot be read. `name` is the name of the Lease; if it is empty, the label of the Lease is used.
    """
    try:
        found = await client.get(LEASES, {"fieldSelector": f"metadata.name={name}"} if name else {"labelSelector": identity.SELECTOR})
    except KubeError:
        return "", ()
    for lease in found.get("items") or ():
        if known := identity.leader(lease):
            events = await _events(client, "ServiceAccount", lease["metadata"].get("namespace", ""))
            return known.words, event.standing(events, lease["spec"]["holderIdentity"])
    return "", ()


async def _events(client: Client, kind: str, namespace: str) -> list[Event]:
    path = f"/api/v1/namespaces/{namespace}/events" if namespace else "/api/v1/events"
    items: list[Event] = []
    more: dict[str, Any] = {}
    while True:
        try:
            page = await client.get(path, {"fieldSelector": f"involvedObject.kind={kind}", "limit": str(PAGE), **more})
        except KubeError:
            return items
        items += page.get("items") or ()
        token = (page.get("metadata") or {}).get("continue")
        if not token:
            return items
        more = {"continue": token}
