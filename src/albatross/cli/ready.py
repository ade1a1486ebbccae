"""Waiting until a controller is ready. Every wait has a limit, and ends with the first cause."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from albatross.catalog import kinds, problems
from albatross.catalog.settings.value import on
from albatross.checks import account
from albatross.cli.wait import Late, until
from albatross.cli.work import Work
from albatross.errors import AlbatrossError
from albatross.install import removal, rollout
from albatross.install.deployment import deployment
from albatross.install.installation import Installation, Item, selector
from albatross.install.rollout import Progress
from albatross.kube import rollout as objects
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import ServiceAccount

WEBHOOK_SECONDS = 45.0
"""The longest time for the registration of the webhooks: the leader tries it every second (chosen by us)."""


@dataclass(eq=False)
class Unready(AlbatrossError):
    """A wait has ended without success. `problem` is the cause."""

    problem: Problem

    def __str__(self) -> str:
        return problems.sentence(self.problem)


async def wait(at: Work, seconds: float, look: Callable[[], Awaitable[Progress]]) -> None:
    """Wait until `look` finds nothing left to wait for, and print each new text. Errors: Unready."""
    last = Progress("")

    async def over() -> bool:
        nonlocal last
        before, last = last, await look()
        if last.waiting and last.waiting != before.waiting:
            at.say(f"  waiting for {last.waiting}")
        if last.final:
            raise Unready(last.problem or _silent(last.waiting, seconds))
        return not last.waiting

    try:
        await until(over, "", seconds, at.client.clock)
    except Late:
        raise Unready(last.problem or _silent(last.waiting, seconds)) from None


def _silent(waiting: str, seconds: float) -> Problem:
    said = f"after {seconds:g} s it still waits for {waiting}"
    return Problem("LB737", Origin("Deployment", "", "albatross"), (("remedy", "run the command again; it continues"), ("said", said)))


async def definition(at: Work, item: Item, seconds: float) -> None:
    """Wait until the API server serves a custom kind. Errors: Unready."""

    async def look() -> Progress:
        found = await at.read(item.body)
        conditions = ((found or {}).get("status") or {}).get("conditions") or ()
        served = any(each["type"] == "Established" and each["status"] == "True" for each in conditions)
        return Progress("" if served else f"the cluster to serve {item.name}")

    await wait(at, seconds, look)


async def controller(at: Work, given: Installation, seconds: float) -> None:
    """Wait until all replicas are ready and one of them leads. Errors: Unready, with the end of the log of a pod."""
    await wait(at, seconds, lambda: _rollout(at, given))


async def _rollout(at: Work, given: Installation) -> Progress:
    (item,) = deployment(given)
    there = await at.read(item.body)
    if there is None:
        return Progress("the Deployment, which somebody deleted", final=True)
    pods = await objects.pods(at.client, given.namespace, selector())
    events = await objects.events(at.client, given.namespace)
    found = rollout.look(there, pods, events, await _leader(at, given))
    if found.problem is not None and found.problem.code in ("LB736", "LB737") and found.problem.origin.kind == "Pod":
        log = await objects.log(at.client, given.namespace, found.problem.origin.name)
        return replace(found, problem=rollout.explained(found.problem, log))
    return found


async def _leader(at: Work, given: Installation) -> str | None:
    if not on(given.setting("enable-leader-election")):
        return None
    namespace = given.setting("leader-election-namespace") or given.namespace
    return await objects.holder(at.client, namespace, given.setting("leader-election-id"))


async def notes(at: Work, given: Installation) -> None:
    """Print what the controller found wrong at its start, although it works."""
    at.say(*(f"note: {each}" for each in rollout.notes(await _leading_log(at, given))))


async def webhooks(at: Work, given: Installation, seconds: float) -> None:
    """Wait until the API server calls the webhooks. Errors: Unready, with what the leader says about it."""
    if not on(given.setting("enable-webhooks")) or given.setting("webhook-certificates") == "files":
        return
    *_, configuration = removal.webhooks()
    service = Origin("Service", given.namespace, given.setting("webhook-service-name"))

    async def look() -> Progress:
        found = await at.read(configuration.body)
        return rollout.registered(found, service, "" if found else await _leading_log(at, given))

    await wait(at, min(seconds, WEBHOOK_SECONDS), look)


async def _leading_log(at: Work, given: Installation) -> str:
    """The end of the log of the pod that leads, or of one that could."""
    leader = (await _leader(at, given) or "").partition("_")[0]
    pods = [pod["metadata"]["name"] for pod in await objects.pods(at.client, given.namespace, selector())]
    name = leader if leader in pods else next(iter(pods), "")
    return await objects.log(at.client, given.namespace, name) if name else ""


async def ended(at: Work, given: Installation, seconds: float) -> None:
    """Wait until the pods of the controller have ended. Errors: Unready."""

    async def look() -> Progress:
        found = await objects.pods(at.client, given.namespace, selector())
        return Progress(f"{len(found)} pods to end" if found else "")

    await wait(at, seconds, look)


async def annotated(at: Work, items: Sequence[Item]) -> tuple[Problem, ...]:
    """What is wrong with the annotations of the ServiceAccount, without which a controller never gets ready: those that it has, and those
    that it gets."""
    (wanted,) = (item.body for item in items if item.kind == "ServiceAccount")
    there = await at.read(wanted)
    annotations = {**_annotations(there or {}), **_annotations(wanted)}
    found = kinds.parse({**wanted, "metadata": {**wanted["metadata"], "annotations": annotations}})
    assert isinstance(found, ServiceAccount)
    return account.annotated(found)


def _annotations(body: Mapping[str, Any]) -> Mapping[str, str]:
    return (body.get("metadata") or {}).get("annotations") or {}
