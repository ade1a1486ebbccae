"""What a shell sets, and which way a URL goes: without a world."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from albatross_sandbox.command import sandbox
from albatross_sandbox.world import client, launch, shell, visit
from albatross_sandbox.world.launch import World, described
from albatross_sandbox.world.state import Trouble

BALANCERS: list[dict[str, Any]] = [
    {
        "name": name,
        "arn": f"arn:{name}",
        "dns_name": f"{name}.elb.amazonaws.com",
        "address": f"127.2.240.{number}",
        "zones": {},
        "listeners": [{"port": 443, "protocol": "HTTPS", "bound_port": 8443, "listens": True}],
    }
    for number, name in enumerate(("one", "two"), 1)
]


@pytest.fixture
def found(tmp_path: Path) -> World:
    (tmp_path / "ca.pem").write_text("THE CA\n")
    names = {
        "kubeconfig": "/k",
        "aws_endpoint": "http://127.0.0.1:1",
        "region": "r",
        "cluster_name": "c",
        "vpc_id": "vpc-1",
        "dns": "127.0.0.1:2",
    }
    return described({"state": str(tmp_path), "pids": {}, "trust": str(tmp_path / "ca.pem"), **names})


def test_a_shell_gets_all_that_commands_need(found: World, tmp_path: Path) -> None:
    held = shell.variables(found, tmp_path, "a name", {"PATH": "/bin"})
    script = shell.script(held, shell.stray({"AWS_PROFILE": "mine", "AWS_ENDPOINT_URL_S3": "x", "AWS_PAGER": "less"}))
    words = "$ALBATROSS_CLUSTER_NAME $ALBATROSS_AWS_VPC_ID $AWS_ENDPOINT_URL $ALBATROSS_SANDBOX_NAME:$AWS_PROFILE:$AWS_PAGER"
    text = f'{script}\necho "{words}"'
    env = {"AWS_PROFILE": "mine", "AWS_PAGER": "less"}
    told = subprocess.run(["sh", "-c", text], env=env, capture_output=True, text=True, check=True).stdout
    assert told == "c vpc-1 http://127.0.0.1:1 a name::less\n"
    assert set(held) - {"PATH"} <= set(shell.NAMES), "what is set can be unset"


def test_the_bundle_holds_what_the_shell_trusted(found: World, tmp_path: Path) -> None:
    (tmp_path / "mine.pem").write_text("MINE\n")
    first = shell.variables(found, tmp_path, "", {"SSL_CERT_FILE": str(tmp_path / "mine.pem")})
    assert Path(first["CURL_CA_BUNDLE"]).read_text() == "MINE\nTHE CA\n"
    shell.variables(found, tmp_path, "", first)
    assert Path(first["CURL_CA_BUNDLE"]).read_text().count("THE CA") == 1, "it does not grow"


def test_without_a_bundle_only_the_ca_is_named(found: World, tmp_path: Path) -> None:
    held = shell.variables(found, tmp_path, "", {"SSL_CERT_FILE": "/nowhere"})
    assert held["ALBATROSS_SANDBOX_CA"] == str(tmp_path / "ca.pem")
    assert "SSL_CERT_FILE" not in held


def test_the_path_and_the_proxy_are_the_shells_own(found: World, tmp_path: Path) -> None:
    here = str(Path(sys.executable).parent)
    assert shell.variables(found, tmp_path, "", {"PATH": "/bin"})["PATH"] == f"{here}:/bin"
    assert "PATH" not in shell.variables(found, tmp_path, "", {"PATH": f"{here}:/bin"})
    proxied = shell.variables(found, tmp_path, "", {"HTTPS_PROXY": "http://proxy", "no_proxy": "inside"})
    assert proxied["NO_PROXY"] == "inside,127.0.0.1,127.0.0.0/8,localhost"
    assert shell.variables(found, tmp_path, "", {"HTTPS_PROXY": "x", **proxied})["no_proxy"] == proxied["no_proxy"]


def test_variables_can_be_removed() -> None:
    told = CliRunner().invoke(sandbox, ["env", "--unset"], env={"AWS_ENDPOINT_URL_S3": "x"}).output
    assert told.startswith("unset ")
    assert {"KUBECONFIG", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "ALBATROSS_SANDBOX_DIR"} <= set(told.split())


@pytest.fixture
def placed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A world of two load balancers, its DNS and its Ingresses."""
    held: dict[str, Any] = {"balancers": BALANCERS, "names": {}, "ingresses": []}

    async def balancers(_: World) -> list[dict[str, Any]]:
        return list(held["balancers"])

    async def answer(server: str, name: str, kind: str = "A") -> tuple[str, ...]:
        return tuple(held["names"].get(name, ()))

    async def ingresses(_: World) -> list[Any]:
        return list(held["ingresses"])

    monkeypatch.setattr(launch, "balancers", balancers)
    monkeypatch.setattr(visit, "ask", answer)
    monkeypatch.setattr(visit, "_ingresses", ingresses)
    return held


async def test_a_record_leads_to_the_load_balancer(found: World, placed: dict[str, Any]) -> None:
    placed["names"]["shop.test"] = ("two.elb.amazonaws.com.", "127.2.240.2")
    way = await visit.way(found, "https://shop.test/x")
    assert way is not None
    assert way.connect() == ["--connect-to", "shop.test:443:127.2.240.2:8443"]


async def test_an_ingress_leads_there_without_a_record(found: World, placed: dict[str, Any]) -> None:
    placed["ingresses"] = [(["a.test"], ["one.elb.amazonaws.com"]), (["*.test"], ["two.elb.amazonaws.com"])]
    ways = {host: await visit.way(found, f"https://{host}/") for host in ("a.test", "b.test")}
    assert {host: way and way.address for host, way in ways.items()} == {"a.test": "127.2.240.1", "b.test": "127.2.240.2"}


async def test_an_address_needs_no_way(found: World, placed: dict[str, Any]) -> None:
    assert await visit.way(found, "http://127.2.240.1/") is None


async def test_a_load_balancer_is_named_by_hand(found: World, placed: dict[str, Any]) -> None:
    way = await visit.way(found, "https://x.test/", "two")
    assert way is not None
    assert way.address == "127.2.240.2"
    with pytest.raises(Trouble, match="no load balancer is named three; load balancers: one, two"):
        await visit.way(found, "https://x.test/", "three")


async def test_a_host_that_nothing_leads_to(found: World, placed: dict[str, Any]) -> None:
    with pytest.raises(Trouble, match=r"no DNS record and no Ingress leads x.test .* --via NAME .*: one, two"):
        await visit.way(found, "https://x.test/")
    placed["balancers"] = BALANCERS[:1]
    with pytest.raises(Trouble, match="load balancer one has no listener on port 80; its listeners: HTTPS 443"):
        await visit.way(found, "http://x.test/")


def test_the_client_knows_the_usual_options() -> None:
    asked = client.options(["-s", "-X", "PUT", "-H", "a: b", "-d", "x", "https://x.test/"])
    assert (asked.method, asked.headers, asked.data, asked.url) == ("PUT", ["a: b"], "x", "https://x.test/")
