"""The objects around a Deployment, as JSON: its pods, their events and logs, and the holder of a Lease."""

from albatross.kube.client import Client, Object, Request
from albatross.kube.errors import KubeError, KubeNotFound

TAIL = "20"


async def pods(client: Client, namespace: str, labels: dict[str, str]) -> list[Object]:
    """The pods with these labels."""
    selector = ",".join(f"{name}={value}" for name, value in labels.items())
    return list((await client.get(f"/api/v1/namespaces/{namespace}/pods", {"labelSelector": selector}))["items"])


async def events(client: Client, namespace: str) -> list[Object]:
    """The events about pods of a namespace; an empty list if we may not read them."""
    try:
        found = await client.get(f"/api/v1/namespaces/{namespace}/events", {"fieldSelector": "involvedObject.kind=Pod"})
    except KubeError:
        return []
    return list(found["items"])


async def holder(client: Client, namespace: str, name: str) -> str:
    """The holder of a Lease; empty if nobody holds it."""
    try:
        lease = await client.get(f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}")
    except KubeNotFound:
        return ""
    return str((lease.get("spec") or {}).get("holderIdentity") or "")


async def log(client: Client, namespace: str, pod: str) -> str:
    """The last lines of a pod: of its present container, or if that has written nothing, of the one before. Empty if there are none."""
    for previous in ("false", "true"):
        request = Request(
            method="GET", path=f"/api/v1/namespaces/{namespace}/pods/{pod}/log", params={"tailLines": TAIL, "previous": previous}
        )
        try:
            async with client.open(request) as answer:
                if text := (await answer.read()).decode(errors="replace").strip():
                    return text
        except KubeError:
            continue
    return ""
