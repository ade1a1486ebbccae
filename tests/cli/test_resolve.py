"""What the resolver of this machine is asked for, by `why` and `doctor`."""

import socket

import pytest
from tests.diagnose.evident import APP, BALANCER, STACK, evident

from albatross.cli.gather import resolve
from albatross.cli.gather.parts import Parts
from albatross.diagnose.evidence import AwsEvidence
from albatross.model.observed import Observed

AWS = AwsEvidence(observed={STACK: Observed(load_balancers=(BALANCER,))})
KNOWN = {BALANCER.dns_name.lower(): ("1.1.1.1",), "www.example.com": ()}


async def answer(name: str) -> tuple[str, ...]:
    return KNOWN[name]


async def test_hosts_and_load_balancers_are_asked_for() -> None:
    parts, snapshot = Parts(), evident().snapshot
    assert await resolve.resolved(parts, snapshot, AWS, [APP], answer) == KNOWN
    assert await resolve.resolved(parts, snapshot, AwsEvidence(), [APP], answer) == {}
    assert await resolve.resolved(parts, snapshot, AWS, [], answer) == {}
    assert not parts.unseen


async def test_a_resolver_that_fails_is_told() -> None:
    async def silent(_: str) -> tuple[str, ...]:
        raise TimeoutError

    parts = Parts()
    assert await resolve.resolved(parts, evident().snapshot, AWS, [APP], silent) == {}
    assert parts.unseen == {"resolver": "TimeoutError"}


async def test_an_emulated_account_is_in_no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert await resolve.resolved(Parts(), evident().snapshot, AWS, [APP], None) == {}


async def test_the_resolver_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await resolve.system("127.0.0.1") == ("127.0.0.1",)  # an address needs no DNS

    def fail(code: int) -> None:
        def raises(*_: object, **__: object) -> None:
            raise socket.gaierror(code, "no")

        monkeypatch.setattr(socket, "getaddrinfo", raises)

    fail(socket.EAI_NONAME)
    assert await resolve.system("no.example.com") == ()
    fail(socket.EAI_AGAIN)
    with pytest.raises(socket.gaierror):
        await resolve.system("no.example.com")
