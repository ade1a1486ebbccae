"""Services that become network load balancers: created, edited, replaced and deleted; nothing is written without a reason."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from tests.flows.bed import Bed, Stage, deployment, service, until
from tests.flows.test_edit import Account, answers, costs, edit, place

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]

CLASS = "service.k8s.aws/nlb"


@pytest.fixture
def account(stage: Stage) -> Iterator[Account]:
    found = Account(stage.world)
    yield found
    found.close()


def balanced(name: str = "net", ports: dict[int, str] | None = None, **annotations: str) -> dict[str, Any]:
    """A Service of type LoadBalancer for the pods of `web`; ports are numbers with protocols."""
    own = {"scheme": "internet-facing", "nlb-target-type": "ip", **{key.replace("_", "-"): text for key, text in annotations.items()}}
    made = service("web", type="LoadBalancer", loadBalancerClass=CLASS)
    given = ports or {80: "TCP"}
    made["spec"]["ports"] = [{"name": f"p{number}", "port": number, "protocol": what, "targetPort": 8080} for number, what in given.items()]
    keys = {f"service.beta.kubernetes.io/aws-load-balancer-{key}": text for key, text in own.items()}
    made["metadata"] = {"name": name, "annotations": keys}
    return made


async def shown(bed: Bed, name: str = "net") -> list[dict[str, Any]]:
    """The addresses in the status."""
    return list((await bed.get("Service", name)).get("status", {}).get("loadBalancer", {}).get("ingress") or [])


async def address(bed: Bed, name: str = "net", other: str = "") -> str:
    async def look() -> str:
        hosts = [str(each.get("hostname", "")) for each in await shown(bed, name)]
        return next((host for host in hosts if host and host != other), "")

    return str(await until(look, f"the address of service {name}"))


async def says(bed: Bed, host: str, port: int = 80, source: str = "127.0.0.1") -> dict[str, Any]:
    """What a pod behind the load balancer says of itself."""

    async def look() -> dict[str, Any]:
        if (at := place(bed, host, port)) is None:
            return {}
        try:
            reader, writer = await asyncio.open_connection(*at, local_addr=(source, 0))
            writer.write(b"GET / HTTP/1.1\r\nHost: net\r\nConnection: close\r\n\r\n")
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            writer.close()
        except OSError:
            return {}
        return dict(json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])) if b" 200 " in head and b"{" in body else {}

    return dict(await until(look, f"port {port} of {host} answers"))


async def stand(bed: Bed, made: dict[str, Any]) -> str:
    await bed.apply(made, deployment())
    host = await address(bed)
    await bed.event("SuccessfullyReconciled", "net")
    await says(bed, host)
    await bed.quiet(0.8)
    return host


async def gone(bed: Bed, account: Account, host: str) -> None:
    async def look() -> bool:
        hosts = [each["DNSName"].lower() for each in account.elbv2.describe_load_balancers()["LoadBalancers"]]
        return host not in hosts

    await until(look, "the load balancer is deleted")


async def test_a_service_gets_a_load_balancer_that_answers(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced())
    balancer = account.balancer(host)
    assert (balancer["Type"], balancer["Scheme"], len(balancer["SecurityGroups"])) == ("network", "internet-facing", 2)
    assert [(each["Port"], each["Protocol"]) for each in account.listeners(host).values()] == [(80, "TCP")]
    assert account.tags(balancer["LoadBalancerArn"])["service.k8s.aws/stack"] == f"{bed.namespace}/net"
    assert await shown(bed) == [{"hostname": host, "ports": [{"port": 80, "protocol": "TCP"}]}]
    assert "service.k8s.aws/resources" in (await bed.get("Service", "net"))["metadata"]["finalizers"]
    assert (await bed.event("SuccessfullyReconciled", "net"))["source"]["component"] == "service"
    bed.remember()
    bed.controller.stop()
    bed.controller.start()
    await bed.quiet()
    assert bed.writes() == []
    await bed.kubectl("delete", "service", "net", "--timeout=60s")
    await gone(bed, account, host)
    assert await bed.get("Service", "net") == {}


async def test_edits_cost_what_they_change(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced())
    await edit(bed, balanced(attributes="load_balancing.cross_zone.enabled=true"))
    await costs(bed, "ModifyLoadBalancerAttributes")
    await edit(bed, balanced(ports={80: "TCP", 81: "TCP"}, attributes="load_balancing.cross_zone.enabled=true"))
    opened = ("AuthorizeSecurityGroupIngress", "CreateTargetGroup", "ModifyTargetGroupAttributes", "CreateListener")
    await costs(bed, *(each for each in opened if each != "ModifyTargetGroupAttributes"))
    await says(bed, host, 81)
    assert [port["port"] for port in (await shown(bed))[0]["ports"]] == [80, 81]
    assert await address(bed) == host


async def test_a_port_is_renumbered_in_place(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced())
    await edit(bed, balanced(ports={81: "TCP"}))
    await says(bed, host, 81)

    async def closed() -> bool:
        return list(account.listeners(host)) == [81]

    await until(closed, "the old listener is deleted")
    assert await address(bed) == host
    assert [port["port"] for port in (await shown(bed))[0]["ports"]] == [81]


async def test_a_connection_lasts_while_another_port_is_renumbered(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced(ports={80: "TCP", 81: "TCP"}))
    await says(bed, host, 81)
    at = place(bed, host, 80)
    assert at is not None
    reader, writer = await asyncio.open_connection(*at)
    ask = b"GET / HTTP/1.1\r\nHost: net\r\n\r\n"
    writer.write(ask)
    assert b" 200 " in await reader.readline()
    await edit(bed, balanced(ports={80: "TCP", 82: "TCP"}))
    await says(bed, host, 82)

    async def closed() -> bool:
        return sorted(account.listeners(host)) == [80, 82]

    await until(closed, "the old listener is deleted")
    await reader.readuntil(b"}\n")
    writer.write(ask)
    assert b" 200 " in await reader.readline()
    writer.close()


async def test_a_tls_listener_answers(bed: Bed, account: Account) -> None:
    arn = str(bed.world.details["certificates"][0]["arn"])
    await bed.apply(balanced(ports={443: "TCP"}, ssl_cert=arn, ssl_ports="443", alpn_policy="HTTP1Only"), deployment())
    host = await address(bed)
    assert (await answers(bed, host, port=443, tls=True)).certificate == account.certificate(arn)
    assert account.listeners(host)[443]["Protocol"] == "TLS"


class Datagram(asyncio.DatagramProtocol):
    """Keeps the first datagram that comes back."""

    def __init__(self) -> None:
        self.got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if not self.got.done():
            self.got.set_result(data)


async def sends(bed: Bed, host: str, port: int, text: str, source: str = "127.0.0.1") -> dict[str, Any]:
    """What a pod behind a UDP listener says of a datagram."""

    async def look() -> dict[str, Any]:
        if (at := place(bed, host, port)) is None:
            return {}
        transport, client = await asyncio.get_running_loop().create_datagram_endpoint(Datagram, local_addr=(source, 0), remote_addr=at)
        transport.sendto(text.encode())
        try:
            return dict(json.loads(await asyncio.wait_for(client.got, 1)))
        except (TimeoutError, OSError):
            return {}
        finally:
            transport.close()

    return dict(await until(look, f"UDP port {port} of {host} answers"))


async def test_a_udp_port_answers(bed: Bed, account: Account) -> None:
    pods = deployment()
    (container,) = pods["spec"]["template"]["spec"]["containers"]
    container["ports"].append({"name": "udp", "containerPort": 8080, "protocol": "UDP"})
    await bed.apply(balanced(ports={80: "TCP", 53: "UDP"}), pods)
    host = await address(bed)
    answer = await sends(bed, host, 53, "hello")
    assert (answer["version"], answer["body"], answer["namespace"]) == ("UDP", "hello", bed.namespace)
    assert {port: each["Protocol"] for port, each in account.listeners(host).items()} == {80: "TCP", 53: "UDP"}


async def test_private_addresses_and_other_subnets(bed: Bed, account: Account) -> None:
    subnets = [each for each in bed.world.details["subnets"] if not each["public"]]
    wanted = {each["id"]: str(ipaddress.ip_network(each["cidr"])[200]) for each in subnets}

    def made(*ids: str) -> dict[str, Any]:
        addresses = ",".join(wanted[each] for each in ids)
        own: dict[str, Any] = {"scheme": "internal", "attributes": "load_balancing.cross_zone.enabled=true"}
        return balanced(subnets=",".join(ids), private_ipv4_addresses=addresses, **own)

    first, *_, last = wanted
    host = await stand(bed, made(first))
    assert (place(bed, host, 80) or ("",))[0] == wanted[first]
    await edit(bed, made(first, last))
    await costs(bed, "SetSubnets")
    zones = account.balancer(host)["AvailabilityZones"]
    assert {each["SubnetId"]: each["LoadBalancerAddresses"][0]["PrivateIPv4Address"] for each in zones} == {
        each: wanted[each] for each in (first, last)
    }
    await says(bed, host)


def curl(at: tuple[str, int], source: str) -> int:
    """The status that curl gets from an address of this machine; 0 for no answer."""
    told = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", "--interface", source, f"http://{at[0]}:{at[1]}/"]
    return int(subprocess.run(told, capture_output=True, text=True, timeout=10, check=False).stdout)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_only_source_ranges_get_in(bed: Bed, account: Account) -> None:
    made = balanced()
    made["spec"]["loadBalancerSourceRanges"] = ["127.0.0.5/32"]
    await bed.apply(made, deployment())
    host = await address(bed)

    async def codes() -> tuple[int, int] | None:
        at = place(bed, host, 80)
        return at and (curl(at, "127.0.0.5"), curl(at, "127.0.0.1"))

    async def inside() -> bool:
        return await codes() == (200, 0)

    await until(inside, "127.0.0.5 gets in, and 127.0.0.1 does not")
    made["spec"]["loadBalancerSourceRanges"] = ["127.0.0.0/24"]
    await edit(bed, made)
    await costs(bed, "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress")

    async def both() -> bool:
        return await codes() == (200, 200)

    await until(both, "both get in")


async def test_instances_see_the_client(bed: Bed, account: Account) -> None:
    pods = deployment(replicas=1)
    (container,) = pods["spec"]["template"]["spec"]["containers"]
    container["ports"].append({"name": "udp", "containerPort": 8080, "protocol": "UDP"})
    made = balanced(ports={80: "TCP", 53: "UDP"}, nlb_target_type="instance", attributes="load_balancing.cross_zone.enabled=true")
    made["spec"]["externalTrafficPolicy"] = "Local"
    await bed.apply(made, pods)
    host = await address(bed)
    assert (await says(bed, host, source="127.0.0.9"))["peer"] == "127.0.0.9"
    answer = await sends(bed, host, 53, "hello", source="127.0.0.9")
    assert (answer["version"], answer["body"], answer["peer"]) == ("UDP", "hello", "127.0.0.9")
    checks = [
        each["HealthCheckPort"]
        for each in account.elbv2.describe_target_groups(LoadBalancerArn=account.balancer(host)["LoadBalancerArn"])["TargetGroups"]
    ]
    assert set(checks) == {str((await bed.get("Service", "net"))["spec"]["healthCheckNodePort"])}


async def test_quic_targets_have_server_ids(bed: Bed, account: Account) -> None:
    pods = deployment(replicas=1)
    template = pods["spec"]["template"]
    (container,) = template["spec"]["containers"]
    container["ports"].append({"name": "quic", "containerPort": 8080, "protocol": "UDP"})
    container["env"] = [{"name": "AWS_LBC_QUIC_SERVER_ID", "value": "ASNFZ4mrze8="}]
    template["metadata"]["annotations"] = {"service.beta.kubernetes.io/aws-load-balancer-quic-enabled-containers": "web"}
    await bed.apply(balanced(ports={443: "UDP"}, quic_enabled_ports="443", disable_nlb_sg="true"), pods)
    host = await address(bed)

    async def ids() -> list[str]:
        groups = account.elbv2.describe_target_groups(LoadBalancerArn=account.balancer(host)["LoadBalancerArn"])["TargetGroups"]
        rows = [
            row
            for each in groups
            for row in account.elbv2.describe_target_health(TargetGroupArn=each["TargetGroupArn"])["TargetHealthDescriptions"]
        ]
        return [row["Target"].get("QuicServerId", "") for row in rows]

    assert await until(ids, "a target") == ["0x0123456789abcdef"]
    assert account.listeners(host)[443]["Protocol"] == "QUIC"
    await bed.quiet()
    bed.remember()
    bed.controller.stop()
    bed.controller.start()
    await bed.quiet()
    assert [call["operation"] for call in bed.calls() if call["operation"] in ("RegisterTargets", "DeregisterTargets")] == []
    assert bed.writes() == []


async def test_another_scheme_replaces_the_load_balancer(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced())
    inner = balanced(scheme="internal")
    inner["metadata"]["annotations"]["albatross.dev/replace-grace-seconds"] = "3"
    await bed.apply(inner)
    inside = await address(bed, other=host)
    assert account.balancer(inside)["Scheme"] == "internal"
    await says(bed, inside)
    await says(bed, host)
    await gone(bed, account, host)
    await bed.event("ReplacingLoadBalancer", "net")


async def test_security_groups_come_and_go(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced())
    own = account.ec2.create_security_group(GroupName=f"{bed.namespace}-own", Description="own", VpcId=bed.world.vpc_id)["GroupId"]
    await bed.apply(balanced(security_groups=own))

    async def given() -> bool:
        return set(account.balancer(host)["SecurityGroups"]) == {own}

    await until(given, "the given security group")
    await bed.apply(balanced())

    async def again() -> bool:
        groups = set(account.balancer(host)["SecurityGroups"])
        return len(groups) == 2 and own not in groups

    await until(again, "a managed security group again")
    await bed.quiet(0.8)
    await says(bed, host)
    account.ec2.delete_security_group(GroupId=own)


async def test_without_security_groups_there_never_are_any(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced(disable_nlb_sg="true"))
    assert not account.balancer(host).get("SecurityGroups")
    await edit(bed, balanced())
    await bed.quiet()
    assert bed.writes() == []
    assert not account.balancer(host).get("SecurityGroups")


async def test_a_service_that_belongs_to_nobody_any_more_loses_its_load_balancer(bed: Bed, account: Account) -> None:
    made = balanced(type="external")
    del made["spec"]["loadBalancerClass"]
    host = await stand(bed, made)
    key = "service.beta.kubernetes.io/aws-load-balancer-type"
    await bed.kubectl("annotate", "service", "net", f"{key}-")
    await gone(bed, account, host)

    async def free() -> bool:
        found = await bed.get("Service", "net")
        return not found["metadata"].get("finalizers") and not found["status"].get("loadBalancer", {}).get("ingress")

    await until(free, "no finalizer and no address")


async def test_deletion_protection_keeps_the_service(bed: Bed, account: Account) -> None:
    host = await stand(bed, balanced(attributes="deletion_protection.enabled=true"))
    await bed.kubectl("delete", "service", "net", "--wait=false")
    await bed.event("FailedBuildModel", "net", "LB214")
    assert account.balancer(host)
    await bed.apply(balanced(attributes="deletion_protection.enabled=false"))
    await gone(bed, account, host)
