"""One emulated account per test process, reached over its real port; every test makes its own names."""

import itertools
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from albatross_sandbox.aws.account import LIMITS

_NUMBERS = itertools.count(1)


@dataclass
class Account:
    """A running account: boto3 clients, control calls, the ready line, fresh names."""

    ready: dict[str, Any]
    keys: dict[str, str] = field(default_factory=lambda: {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"})
    region: str = "ap-northeast-2"
    _clients: dict[str, Any] = field(default_factory=dict)
    _others: list["Account"] = field(default_factory=list)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        for other in self._others:
            other.close()

    def by(self, given: dict[str, Any]) -> "Account":
        """The same account for whoever holds the credentials: an AccessKey, Credentials, or only a key."""
        keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given.get("SecretAccessKey", "x")}
        token = {"aws_session_token": given["SessionToken"]} if "SessionToken" in given else {}
        self._others.append(Account(self.ready, {**keys, **token}, self.region))
        return self._others[-1]

    def at(self, region: str) -> "Account":
        """The same account in another Region."""
        self._others.append(Account(self.ready, self.keys, region))
        return self._others[-1]

    def client(self, service: str) -> Any:
        if service not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, max_pool_connections=4, parameter_validation=False)
            place: dict[str, Any] = {"endpoint_url": self.ready["endpoint"], "region_name": self.region, "config": config}
            self._clients[service] = boto3.client(service, **place, **self.keys)
        return self._clients[service]

    @property
    def elb(self) -> Any:
        return self.client("elbv2")

    @property
    def ec2(self) -> Any:
        return self.client("ec2")

    def refusal(self, call: Callable[..., Any], **given: Any) -> dict[str, str]:
        """The error of a call, or nothing if it was served."""
        try:
            call(**given)
        except ClientError as error:
            told: dict[str, str] = error.response["Error"]
            return told
        return {}

    def code(self, call: Callable[..., Any], **given: Any) -> str:
        return self.refusal(call, **given).get("Code", "")

    def text(self, call: Callable[..., Any], **given: Any) -> str:
        return self.refusal(call, **given).get("Message", "")

    def control(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.ready['endpoint']}/_sandbox/{path}", data) as answer:
            return json.load(answer)

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance": seconds})

    def name(self, word: str = "x") -> str:
        return f"{word}-{next(_NUMBERS)}"

    def subnets(self, public: bool = True) -> list[str]:
        return [subnet["id"] for subnet in self.ready["subnets"] if subnet["public"] == public]

    @property
    def certificate(self) -> str:
        return str(self.ready["certificates"][0]["arn"])

    def load_balancer(self, **more: Any) -> dict[str, Any]:
        given = {"Name": self.name("lb"), "Subnets": self.subnets(), **more}
        made: dict[str, Any] = self.elb.create_load_balancer(**given)["LoadBalancers"][0]
        return made

    def target_group(self, **more: Any) -> dict[str, Any]:
        given = {"Name": self.name("tg"), "Protocol": "HTTP", "Port": 8080, "VpcId": self.ready["vpc_id"], "TargetType": "ip", **more}
        made: dict[str, Any] = self.elb.create_target_group(**given)["TargetGroups"][0]
        return made

    def listener(self, lb: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        arn = (lb or self.load_balancer())["LoadBalancerArn"]
        given = {"LoadBalancerArn": arn, "Port": 80, "Protocol": "HTTP", "DefaultActions": [FIXED], **more}
        made: dict[str, Any] = self.elb.create_listener(**given)["Listeners"][0]
        return made


FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}


@contextmanager
def running(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Account]]:
    """The child process and the account it serves; leaving lets go of its stdin."""
    (folder / "config.json").write_text(json.dumps({"state": str(folder), "cidr": f"127.{2 + os.getpid() % 250}.0.0/16"}))
    command = [sys.executable, "-m", "albatross_sandbox.aws", "--config", str(folder / "config.json")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        account = Account(json.loads(child.stdout.readline()))
        try:
            yield child, account
        finally:
            account.close()
            child.stdin.close()
            assert child.wait(10) == 0


@pytest.fixture(scope="session")
def _account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running(tmp_path_factory.mktemp("aws")) as (_, account):
        yield account


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Account]]:
    """An account of the test's own."""
    with running(tmp_path) as both:
        yield both


# Quotas back as AWS has them, but for those that many tests together would use up.
ROOMY = {**LIMITS, "application-load-balancers": 10_000, "network-load-balancers": 10_000, "target-groups": 10_000}


@pytest.fixture
def account(_account: Account) -> Account:
    _account.control("limits", {"rates": [], "quotas": ROOMY})
    _account.control("faults", [])
    _account.control("latency", [])
    return _account
