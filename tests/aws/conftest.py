"""One emulated account per test process, reached over its real port; every test makes names of its own."""

import itertools
import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.clock import Eager
from tests.role import Place, Role, prescribed

from albatross.aws.session.client import Session
from albatross.aws.session.transport import Settings
from albatross.catalog.permissions import Feature
from albatross.catalog.tracking import INGRESS
from albatross.clock import Clock
from albatross.install.policy import USUAL
from albatross.model.config import Config
from albatross.model.resources.stack import StackId

SERVICES = ("elbv2", "ec2", "acm", "wafv2", "sts", "shield", "waf-regional", "route53", "iam")
KEYS = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
MORE: tuple[Feature, ...] = ("certificate-creation", "dns", "given-target-groups")
"""What the tests use, in addition to what a controller with default settings can use."""


@dataclass
class Account:
    """A running account: what its ready line said, its controls, sessions with it."""

    ready: dict[str, Any]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    roles: dict[str, Role] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        return Config(cluster_name="sandbox", region="ap-northeast-2", vpc_id=self.ready["vpc_id"])

    def subnets(self) -> tuple[str, ...]:
        return tuple(sorted(each["id"] for each in self.ready["subnets"] if not each["public"]))

    def certificates(self) -> tuple[str, ...]:
        return tuple(each["arn"] for each in self.ready["certificates"])

    def stack_id(self) -> StackId:
        return StackId(INGRESS, "shop", f"app-{next(self.numbers)}")

    def control(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.ready['endpoint']}/_sandbox/{path}", data) as answer:
            return json.load(answer)

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self.control(f"journal?since={since}")["calls"]
        return calls

    def clock(self) -> Clock:
        """A clock on which sleeping takes no time, here or there."""
        return Eager(lambda seconds: self.control("clock", {"advance": seconds}))

    def mark(self) -> int:
        return max((call["n"] for call in self.calls()), default=0)

    def place(self) -> Place:
        """Where roles are made, and give credentials."""
        return Place(self.ready["endpoint"], self.ready["pod_identity"])

    def granted(self, cluster: str = "sandbox") -> Mapping[str, str]:
        """The keys of a role with exactly the generated policy for a cluster: a test that calls more than it allows fails."""
        if cluster not in self.roles:
            role = self.roles[cluster] = Role.made(self.place(), f"session-{cluster}", *MORE)
            role.hold(prescribed(cluster, role.name, (*USUAL, *MORE))["policies"])
        return self.roles[cluster].credentials()

    @asynccontextmanager
    async def session(
        self, config: Config | None = None, clock: Clock | None = None, keys: Mapping[str, str] = KEYS
    ) -> AsyncIterator[Session]:
        """A session of the administrator, or of whoever has the keys."""
        endpoints = dict.fromkeys(SERVICES, self.ready["endpoint"])
        settings = Settings(endpoints=endpoints, credentials=keys, attempts=2)
        async with Session(config or self.config, settings=settings, clock=clock or Eager()) as session:
            yield session


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    state: Path = tmp_path_factory.mktemp("aws")
    config = state / "config.json"
    config.write_text(json.dumps({"state": str(state), "region": "ap-northeast-2", "cluster_name": "sandbox", "cidr": "127.200.0.0/16"}))
    command = [sys.executable, "-m", "albatross_sandbox.aws", "--config", str(config)]
    with (state / "log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdin
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line, (state / "log").read_text()
            account = Account(json.loads(line))
            account.control("timing", {"provisioning": 0, "eni_release": 0})
            account.control("limits", {"rates": []})  # sessions of many tests share the account, not its buckets
            yield account
        finally:
            process.stdin.close()
            process.wait(10)
            process.stdout.close()
