"""Ensures that the cluster serves the two custom kinds."""

import structlog

from albatross.catalog import crds
from albatross.kube.client import APPLY, Client, Object
from albatross.kube.errors import Forbidden, KubeNotFound, Refused, Unconfigured

log = structlog.get_logger("crds")

COLLECTION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
MANAGER = "albatross"
SERVE_SECONDS = 30.0
AGAIN_SECONDS = 0.1


async def ensure(client: Client) -> tuple[str, ...]:
    """Create or update the CRDs that we may change; returns the names of those that stay unchanged.

    Fields of other managers are kept: this does not replace a newer CRD with an older one. `Unconfigured` if a CRD is missing and we may
    not create it.
    """
    left = []
    for definition in crds.definitions():
        name = definition["metadata"]["name"]
        try:
            await client.patch(f"{COLLECTION}/{name}", definition, APPLY, {"fieldManager": MANAGER})
            await _served(client, definition)
        except Refused as refusal:
            left.append(name)
            await _explain(client, definition, refusal)
    return tuple(left)


async def _explain(client: Client, definition: Object, refusal: Refused) -> None:
    name = definition["metadata"]["name"]
    if await _present(client, definition):
        log.info("CRD left as it is", crd=name, reason=refusal.reason)
    elif isinstance(refusal, Forbidden):
        ways = (
            "run the controller once as someone who may create CustomResourceDefinitions",
            "or apply those of the AWS Load Balancer Controller's chart: they are the same",
        )
        raise Unconfigured(f"the cluster does not know {name}, and we may not create it", ways) from refusal
    else:
        raise refusal


async def _served(client: Client, definition: Object) -> None:
    """Wait until the API serves the kind; this is a moment after its creation."""
    deadline = client.clock.now() + SERVE_SECONDS
    while not await _present(client, definition):
        if client.clock.now() > deadline:
            raise Unconfigured(f"the cluster took {definition['metadata']['name']}, but does not serve it after {SERVE_SECONDS:g} s")
        await client.clock.sleep(AGAIN_SECONDS)


async def _present(client: Client, definition: Object) -> bool:
    spec = definition["spec"]
    version = next(each["name"] for each in spec["versions"] if each["storage"])
    try:
        found = await client.get(f"/apis/{spec['group']}/{version}")  # discovery: everyone may read it
    except KubeNotFound:
        return False
    return any(resource["name"] == spec["names"]["plural"] for resource in found.get("resources") or ())
