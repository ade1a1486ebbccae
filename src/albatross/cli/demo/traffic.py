"""The last act: requests through both load balancers, and a pod that turns unhealthy."""

import asyncio
import time
from collections import Counter

from albatross.aws.session.client import Session
from albatross.cli.demo.call import Caller, Front, Names, fronts, talk
from albatross.cli.demo.stage import HOST, Stage, expect, headline, wait
from albatross_sandbox.dns.ask import ask

REQUESTS = 12
"""Requests in one burst (chosen by us: two pods take turns, so each of them gets some)."""


async def play(stage: Stage) -> None:
    """Ask by name, send requests, and see that an unhealthy pod gets no more."""
    headline(stage.screen, "Requests through the load balancers (Envoy, configured by the emulated AWS)")
    async with Session(stage.config) as session:
        issued = await session.call("acm", "GetCertificate", CertificateArn=stage.certificate)

    async def listening() -> dict[str, Front]:
        found = await fronts(stage.world.envoy_status)
        return found if {name for each in found.values() for name in each.ports} == {"HTTP", "HTTPS", "TCP"} else {}

    found = await wait("both load balancers listen", listening)
    await _named(stage, found["application"].address)
    names = Names(stage.world.dns, found["application"].address)
    async with Caller(names, issued.get("CertificateChain") or issued["Certificate"]) as caller:
        await _requests(stage, caller, found["application"].ports)
        await _connection(stage, found["network"])
        await _sick(stage, caller, _url("https", HOST, found["application"].ports))


async def _named(stage: Stage, address: str) -> None:
    """Ask for the host by DNS until its record leads to the load balancer."""
    stage.typed(f"albatross sandbox resolve {HOST}")

    async def resolved() -> bool:
        return await ask(stage.world.dns, HOST) == (address,)

    await wait(f"{HOST} leads to {address}", resolved)
    stage.good(f"{HOST} is ", (address, "bold"), " in Route 53, where Envoy listens")


async def _requests(stage: Stage, caller: Caller, ports: dict[str, int]) -> None:
    secure, plain, unknown = _url("https", HOST, ports), _url("http", HOST, ports), _url("http", "unknown.example.com", ports)

    async def served() -> bool:
        return (await caller.get(secure)).status == 200

    await wait(f"{secure} is answered", served)
    spread = await _spread(caller, secure)
    expect(len(spread) == 2, f"only one pod answers {secure}: {_counts(spread)}")
    stage.good(f"{secure}  200; the certificate is valid for this name\n      from ", (_counts(spread), "bold"))
    expect((await caller.get(plain)).status == 200, f"{plain} is not answered with 200")
    stage.good(f"{plain}  200")
    expect((await caller.get(unknown)).status == 404, f"{unknown} is not answered with 404")
    stage.good(f"{unknown}  404: no rule matches this host")


async def _connection(stage: Stage, front: Front) -> None:
    """Get an answer of a pod through the network load balancer."""
    ((_, port),) = front.ports.items()
    stage.screen.print()
    stage.typed(f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc {front.address} {port}")
    answer = await wait(f"{front.address}:{port} is answered", lambda: talk(front.address, port))
    stage.good(f"TCP connection to {front.address}:{port}, the network load balancer: ", (answer.pod, "bold"), " answers")


async def _sick(stage: Stage, caller: Caller, url: str) -> None:
    pod = min(await _spread(caller, url))
    stage.screen.print()
    await stage.kubectl("annotate", "pod", pod, "sandbox.albatross/health=fail")
    began = time.monotonic()

    async def gone() -> Counter[str]:
        spread = await _spread(caller, url)
        return spread if pod not in spread else Counter()

    spread = await wait(f"{pod} is sent no more requests", gone)
    stage.good(f"{pod} gets no more requests after {time.monotonic() - began:.1f} s, no request failed:\n      ", (_counts(spread), "bold"))


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
