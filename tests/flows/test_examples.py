"""All manifests in `examples/` in one world: every one is applied as a user applies it, and answers as its header says."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import yaml
from tests.flows.bed import Bed, place, until

from albatross_sandbox.world import Trouble, visit

FEATURES = ("dns",)
pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

FOLDER = Path(__file__).parents[2] / "examples"
ARN = "arn:aws:wafv2:us-west-2:111122223333:regional/webacl/shop/a1b2c3d4-5678-90ab-cdef-111122223333"


@pytest.fixture
async def applied(bed: Bed) -> AsyncIterator[Bed]:
    """A controller that may read Secrets, and every example; the only edit is the ARN of the web ACL."""
    rates = [{key: value for key, value in each.items() if key != "left"} for each in bed.call("limits")["rates"]]
    bed.call("limits", {"rates": []})
    bed.controller.stop()
    reader = f"--serviceaccount=kube-system:{bed.controller.lease}"
    await bed.kubectl("create", "clusterrolebinding", f"{bed.namespace}-all", "--clusterrole=cluster-admin", reader)
    bed.controller.start("--allow-deletions=all")  # the test deletes more load balancers at its end than is usual
    await bed.kubectl("wait", "--for=create", "--timeout=60s", "crd/ingressclassparams.elbv2.k8s.aws")
    await bed.kubectl("wait", "--for=condition=established", "--timeout=60s", "crd/ingressclassparams.elbv2.k8s.aws")
    text = "\n---\n".join(path.read_text() for path in sorted(FOLDER.glob("*.yaml")))
    await bed.kubectl("apply", "-f", "-", text=text.replace(ARN, web_acl(bed)))
    yield bed
    await bed.kubectl("delete", "ingress,service", "--all", "--timeout=100s")
    bed.call("limits", {"rates": rates})


def web_acl(bed: Bed) -> str:
    waf = place(bed.world).client("wafv2")
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "shop"}
    made = waf.create_web_acl(Name="shop", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)
    waf.close()
    return str(made["Summary"]["ARN"])


async def addresses(bed: Bed) -> dict[str, str]:
    """The name of each load balancer by `Kind name`, when all have one."""
    objects = [each for path in FOLDER.glob("*.yaml") for each in yaml.safe_load_all(path.read_text())]
    wanted = {(each["kind"], each["metadata"]["name"]) for each in objects if _balanced(each)}

    async def look() -> dict[str, str]:
        found = {f"{kind} {name}": _name(await bed.get(kind, name)) for kind, name in wanted}
        return found if all(found.values()) else {}

    return dict(await until(look, "the addresses of all examples"))


def _balanced(obj: Mapping[str, Any]) -> bool:
    return bool(obj["kind"] == "Ingress" or obj.get("spec", {}).get("type") == "LoadBalancer")


def _name(obj: Mapping[str, Any]) -> str:
    entries = obj.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}]
    return str(entries[0].get("hostname", ""))


@dataclass
class Visitor:
    """Sends requests as clients on the internet do: by the name of the host, and with the CA of the world."""

    bed: Bed
    names: Mapping[str, str]

    async def ask(self, url: str, via: str = "", **headers: str) -> tuple[int, str, str]:
        """Status, Location, and the name of the Deployment that answers, or else the text; `via` is `Kind name`."""
        way = await visit.way(self.bed.world, url, self.names[via] if via else "")
        assert way is not None
        parts = urlsplit(url)
        port = way.ports[visit.port(parts)]
        trust = ssl.create_default_context(cafile=self.bed.world.details["trust"])
        trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        secure: dict[str, Any] = {"ssl": trust, "server_hostname": way.host} if parts.scheme == "https" else {}
        where = f"{parts.scheme}://{way.address}:{port}{parts.path}"
        own = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with aiohttp.ClientSession() as session, session.get(where, headers=own, allow_redirects=False, **secure) as answer:
            text = await answer.text()
            pod = json.loads(text)["pod"] if "json" in answer.headers.get("Content-Type", "") else ""
            return answer.status, answer.headers.get("Location", ""), pod.rsplit("-", 2)[0] or text

    async def served(self, url: str, by: str, via: str = "", **headers: str) -> None:
        """Wait until the URL is answered by the pods of a Deployment."""

        async def look() -> bool:
            try:
                return await self.ask(url, via, **headers) == (200, "", by)
            except (Trouble, aiohttp.ClientConnectionError):  # the data plane follows the account a moment later
                return False

        await until(look, f"{url} is answered by {by}")


async def test_every_example_answers_as_its_header_says(applied: Bed) -> None:
    names = await addresses(applied)
    visitor = Visitor(applied, names)
    assert names["Ingress group-cart"] == names["Ingress group-shop"]
    for name in ("plain", "waf", "dualstack"):
        await visitor.served("http://any.test/", name, f"Ingress {name}")
    with pytest.raises(aiohttp.ClientConnectionError):  # the client is not in the CIDRs that its security group lets in
        await visitor.ask("http://any.test/", "Ingress internal")
    await visitor.served("http://any.test/", "nlb", "Service nlb")
    await visitor.served("http://any.test/cart", "cart", "Ingress group-cart")
    await visitor.served("http://any.test/", "shop", "Ingress group-shop")
    await visitor.served("http://any.test/", "blue", "Ingress blue-green")
    await visitor.served("http://any.test/", "stable", "Ingress headers")
    await visitor.served("http://any.test/", "beta", "Ingress headers", X_Beta="yes")
    await visitor.served("https://web.example.com/", "https")
    found = {(await visitor.ask("http://any.test/", "Ingress canary"))[2] for _ in range(60)}
    assert found == {"canary-stable", "canary-next"}
    redirected = {
        url: (await visitor.ask(url))[:2] for url in ("http://web.example.com/a", "http://login.example.com/", "http://old.example.com/a")
    }
    assert redirected == {
        "http://web.example.com/a": (301, "https://web.example.com:443/a"),
        "http://login.example.com/": (301, "https://login.example.com:443/"),
        "http://old.example.com/a": (301, "http://new.example.com:80/a"),
    }
    assert await visitor.ask("http://tenants.example.com/", "Ingress tenants") == (200, "", "a tenant")
    assert await visitor.ask("http://old.example.com/api") == (503, "", "maintenance until 6:00 UTC")
    status, location, _ = await visitor.ask("https://login.example.com/")
    assert (status, location.partition("?")[0]) == (302, "https://id.example.com/authorize")
    _account(applied, names)


def _account(bed: Bed, names: Mapping[str, str]) -> None:
    """What only the account shows."""
    elb = place(bed.world).client("elbv2")
    found = {each["DNSName"]: each for each in elb.describe_load_balancers()["LoadBalancers"]}
    groups = [each for each in elb.describe_target_groups()["TargetGroups"] if each.get("ProtocolVersion") == "GRPC"]
    states = [elb.describe_target_health(TargetGroupArn=each["TargetGroupArn"])["TargetHealthDescriptions"] for each in groups]
    elb.close()
    assert [len(each) for each in states] == [1], "the gRPC pod is a target"
    assert found[names["Ingress dualstack"]]["IpAddressType"] == "dualstack"
    assert {name: found[names[name]]["Scheme"] for name in ("Ingress internal", "Ingress plain", "Service nlb")} == {
        "Ingress internal": "internal",
        "Ingress plain": "internet-facing",
        "Service nlb": "internet-facing",
    }
    waf = place(bed.world).client("wafv2")
    assert waf.get_web_acl_for_resource(ResourceArn=found[names["Ingress waf"]]["LoadBalancerArn"])["WebACL"]["Name"] == "shop"
    waf.close()
