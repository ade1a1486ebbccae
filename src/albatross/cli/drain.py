"""The objects of users that have load balancers: they are deleted with these, or their finalizers are removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from albatross.cli import live, ready
from albatross.cli.work import Work
from albatross.install import removal
from albatross.install.deployment import deployment
from albatross.install.installation import Installation
from albatross.install.rollout import Progress
from albatross.model.problem import Origin, Problem

Objects = Sequence[Mapping[str, Any]]


async def held(at: Work) -> Objects:
    """The objects with a finalizer of a controller."""
    return removal.held(await live.objects(at.client, removal.KINDS))


async def drain(at: Work, given: Installation, found: Objects) -> None:
    """Let the controller delete the load balancers. Errors: Unready, with the reason of an object that is left."""
    (item,) = deployment(given)
    there = await at.read(item.body)
    if not ((there or {}).get("status") or {}).get("availableReplicas"):
        said = "no replica is ready, so nobody can delete the load balancers"
        remedy = "repair it with `albatross install`, or pass --orphan and delete the load balancers by hand"
        raise ready.Unready(_problem(Origin("Deployment", given.namespace, item.name), said, remedy))
    for each in found:
        if each["kind"] == "Service":
            # the Service may have clients inside the cluster, so only its load balancer goes
            await at.patch(each, {"spec": {"type": "ClusterIP", "loadBalancerClass": None}})
        else:
            await at.delete([each])
    await ready.wait(at, at.options["timeout"], lambda: _drained(at))


def _problem(at: Origin, said: str, remedy: str) -> Problem:
    return Problem("LB737", at, (("remedy", remedy), ("said", said)))


async def _drained(at: Work) -> Progress:
    left = await held(at)
    if not left:
        return Progress("")
    first = left[0]
    names = removal.name(first) + (f" and {len(left) - 1} more" if len(left) > 1 else "")
    said = await _warning(at, first["metadata"])
    origin = Origin(first["kind"], first["metadata"].get("namespace", ""), first["metadata"]["name"])
    remedy = "correct the cause and run the command again, or pass --orphan"
    problem = _problem(origin, said or "it has not deleted the load balancer of this object yet", remedy)
    return Progress(f"the controller to delete what {names} has in AWS" + (f": {said}" if said else ""), problem)


async def _warning(at: Work, about: Mapping[str, Any]) -> str:
    """The last warning about an object."""
    path, selected = f"/api/v1/namespaces/{about['namespace']}/events", {"fieldSelector": f"involvedObject.name={about['name']}"}
    found = await at.client.get(path, selected)
    warnings = [each for each in found["items"] if each.get("type") == "Warning"]
    last = max(warnings, key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime") or ""), default=None)
    return str(last.get("message", "")) if last else ""


async def release(at: Work, found: Objects) -> None:
    """Remove the finalizers of the controller, and leave those of others."""
    for each in found:
        metadata = each["metadata"]
        change = {"metadata": {"resourceVersion": metadata["resourceVersion"], "finalizers": removal.kept(each) or None}}
        if await at.patch(each, change) and (behind := removal.behind(each)):
            at.say(f"  still in AWS: {behind}  (of {removal.name(each)})")
