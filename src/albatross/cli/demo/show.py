"""The steps of the demo. Each step prints its progress."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from albatross import manifests, pipeline
from albatross.cli import decision, live, status
from albatross.cli.demo import tail
from albatross.cli.demo.call import Caller, Names, front
from albatross.cli.demo.stage import HOST, PATIENCE, Stage, Stuck, expect, headline, near, until
from albatross.cli.live import Live
from albatross.cli.terminal import console, diagnostic, operation, tree
from albatross.cli.terminal import plan as text
from albatross.cli.terminal.tree import Leaf
from albatross.model.plan import Done
from albatross_sandbox import world
from albatross_sandbox.dns.ask import ask
from albatross_sandbox.world import World

MANIFEST = Path(__file__).with_name("api.yaml")
REQUESTS = 12
"""Requests in one burst (chosen by us: two pods take turns, so each of them gets some)."""


async def play(stay: bool) -> None:
    """Run all steps in order, in their own sandbox. With `stay`, the sandbox runs until Ctrl-C."""
    screen, began = console.out(), time.monotonic()
    screen.print(Text("Albatross: an Ingress becomes a load balancer, on this machine only", "bold"))
    screen.print(Text(f"Its manifests are in {near(MANIFEST)}; nothing leaves this machine.", "dim"))
    headline(screen, "Starting a sandbox")

    def progress(part: str, words: str) -> None:
        screen.print(Text.assemble(("  ✓ ", "green"), f"{part:<11} {words}", (f"  {time.monotonic() - began:.1f} s", "dim")))

    try:
        async with world.running(controller=True, progress=progress) as found:
            surroundings = world.clean(os.environ)
            os.environ.clear()
            os.environ.update({**surroundings, **found.environment()})
            certificate = next(each["arn"] for each in found.details["certificates"] if each["domain"] == HOST)
            await _acts(Stage(screen, found, _manifest(found, certificate), certificate, began=began), stay)
    except world.Trouble as trouble:
        raise Stuck(str(trouble)) from None


async def _acts(stage: Stage, stay: bool) -> None:
    await _plan(stage)
    await _apply(stage)
    async with live.opened(stage.config, stage.world.kubeconfig, "") as opened:
        await _tree(stage, opened)
        await _requests(stage, opened)
    _farewell(stage, stay)
    if stay:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            # Ctrl-C is the normal end of the demo
            stage.screen.print("\nstopping")


def _manifest(found: World, certificate: str) -> Path:
    path = found.state / MANIFEST.name
    path.write_text(MANIFEST.read_text().replace("CERTIFICATE_ARN", certificate))
    return path


async def _plan(stage: Stage) -> None:
    headline(stage.screen, "What the manifests contain, and the plan for AWS")
    stage.typed(f"albatross plan --live -f {stage.manifest}\n")
    loaded = manifests.load([str(stage.manifest)])
    async with live.opened(stage.config, stage.world.kubeconfig, "") as opened:
        snapshot = await live.snapshot(opened.client, loaded.objects)
        (prepared,) = decision.prepare(snapshot, opened.config, pipeline.survey(snapshot, opened.config))
        observed, known = await live.observed(opened, prepared, snapshot)
    decided = decision.decide(prepared, known, observed, opened.config, snapshot)
    diagnostic.show(stage.screen, diagnostic.findings([*loaded.problems, *decided.problems], loaded.sources))
    if decided.plan is None:
        raise Stuck("the manifests have an error, so there is no plan")
    for line in text.lines(decided.plan, decided.stack, decided.provisional, stage.screen.width):
        stage.screen.print(line)
    stage.plan = decided.plan


async def _apply(stage: Stage) -> None:
    headline(stage.screen, "kubectl applies them, and the controller executes the plan")
    await stage.kubectl("apply", "-f", str(stage.manifest))
    stage.screen.print()
    await _operations(stage)

    async def address() -> str:
        return await stage.ask("get", "ingress", "api", "-o", "jsonpath={.status.loadBalancer.ingress[0].hostname}")

    await until("the Ingress has no ADDRESS", address)
    stage.screen.print()
    await stage.kubectl("get", "ingress")


async def _operations(stage: Stage) -> None:
    """Print each operation of the plan when the log of the controller reports it."""
    lines = {step.id: operation.line(Done(step)) for step in stage.plan.steps} if stage.plan else {}
    began, waiting = time.monotonic(), set(lines)
    async for event in tail.events(stage.log):
        name = str(event.get("operation", ""))
        if event.get("event") == "operation":
            waiting.discard(name)
            line = lines.get(name, Text(f"  ✓   {name}"))
            stage.screen.print(Text.assemble(line, (f"  {time.monotonic() - began:.1f} s", "dim")))
        elif event.get("event") == "operation failed":
            stage.screen.print(Text(f"  ✗   {name}: {event.get('error')}", "red"))
        elif not event and not waiting:
            return
        expect(time.monotonic() - began < PATIENCE, f"the controller did not {', '.join(sorted(waiting))}; its log is {stage.log}")


async def _tree(stage: Stage, opened: Live) -> None:
    headline(stage.screen, "What exists in AWS now")
    stage.typed("albatross status\n")

    async def healthy() -> list[Leaf]:
        opened.session.inventory.forget()
        roots = await status.trees(opened)
        states = {leaf.label: leaf.state for root in roots for leaf in (root, *_targets(root))}
        return roots if sorted(states.values()) == ["active", "healthy", "healthy"] else []

    tree.show(stage.screen, await until("the load balancer is not active with two healthy targets", healthy))


def _targets(leaf: Leaf) -> Iterator[Leaf]:
    for child in leaf.children:
        yield from [child] if child.state else _targets(child)


async def _requests(stage: Stage, opened: Live) -> None:
    headline(stage.screen, "Requests through the load balancer (Envoy, configured by the emulated AWS)")
    address, ports = await until("the load balancer does not listen", lambda: front(stage.world.envoy_status))
    issued = await opened.session.call("acm", "GetCertificate", CertificateArn=stage.certificate)
    secure, plain, unknown = _url("https", HOST, ports), _url("http", HOST, ports), _url("http", "unknown.example.com", ports)
    await _named(stage, address)
    async with Caller(Names(stage.world.dns, address), issued.get("CertificateChain") or issued["Certificate"]) as caller:

        async def served() -> bool:
            return (await caller.get(secure)).status == 200

        await until(f"{secure} is not answered", served)
        spread = await _spread(caller, secure)
        expect(len(spread) == 2, f"only one pod answers {secure}: {_counts(spread)}")
        stage.good(f"{secure}  200 from ", (_counts(spread), "bold"), f"; the certificate is valid for {HOST}")
        expect((await caller.get(plain)).status == 200, f"{plain} is not answered with 200")
        stage.good(f"{plain}  200")
        expect((await caller.get(unknown)).status == 404, f"{unknown} is not answered with 404")
        stage.good(f"{unknown}  404: no rule matches this host")
        await _sick(stage, caller, secure, min(spread))


async def _named(stage: Stage, address: str) -> None:
    """Ask for the host by DNS until its record leads to the load balancer."""
    stage.typed(f"albatross sandbox resolve {HOST}")

    async def resolved() -> bool:
        return await ask(stage.world.dns, HOST) == (address,)

    await until(f"{HOST} does not lead to {address}", resolved)
    stage.good(f"{HOST} is ", (address, "bold"), " in Route 53, where Envoy listens")


async def _sick(stage: Stage, caller: Caller, url: str, pod: str) -> None:
    stage.screen.print()
    await stage.kubectl("annotate", "pod", pod, "sandbox.albatross/health=fail")
    began = time.monotonic()

    async def gone() -> Counter[str]:
        spread = await _spread(caller, url)
        return spread if pod not in spread else Counter()

    spread = await until(f"{pod} is still sent requests", gone)
    stage.good(f"{pod} gets no more requests after {time.monotonic() - began:.1f} s, no request failed: ", (_counts(spread), "bold"))


async def _spread(caller: Caller, url: str) -> Counter[str]:
    answers = await asyncio.gather(*(caller.get(url) for _ in range(REQUESTS)))
    expect(all(each.status == 200 for each in answers), f"{url} is answered with {sorted({each.status for each in answers})}")
    return Counter(each.pod for each in answers)


def _counts(spread: Counter[str]) -> str:
    return " and ".join(f"{pod} ({number}×)" for pod, number in sorted(spread.items()))


def _url(scheme: str, host: str, ports: dict[str, int]) -> str:
    """The URL, without the default port of the scheme."""
    port = ports[scheme.upper()]
    return f"{scheme}://{host}/" if port == {"http": 80, "https": 443}[scheme] else f"{scheme}://{host}:{port}/"


def _farewell(stage: Stage, stay: bool) -> None:
    headline(stage.screen, f"Everything in {time.monotonic() - stage.began:.0f} s")
    if not stay:
        stage.screen.print("Next: `albatross sandbox up` starts such a sandbox in the background; `albatross sandbox down` stops it.")
        stage.screen.print("      `albatross lint -f YOUR.yaml` and `albatross plan -f YOUR.yaml` need no sandbox.")
        return
    stage.screen.print("To go on, in another terminal:\n")
    stage.screen.print(f'  eval "$(ALBATROSS_SANDBOX_DIR={stage.world.state} {world.program()} env)"')
    stage.screen.print("  kubectl annotate pods --all sandbox.albatross/health-     # the unhealthy pod recovers")
    stage.screen.print("  kubectl scale deployment api --replicas 4")
    stage.screen.print("  albatross status")
    stage.screen.print(f"  albatross sandbox curl https://{HOST}/")
    stage.screen.print("\nCtrl-C here stops the sandbox, and removes everything it created.")
