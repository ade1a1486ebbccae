"""The account as anyone may read it: Describe calls, and the sandbox's journal and keys."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import aiohttp
from aiobotocore.session import get_session
from botocore.config import Config
from botocore.exceptions import ClientError

from albatross_sandbox.dns.account import Zones
from albatross_sandbox.envoy.read import Answers, Json

_AGENT = "albatross-sandbox-dataplane"
# Tells the emulated account that a call is its own data plane's: not counted, not recorded.
_INTERNAL = "X-Sandbox-Internal"
_PARALLEL = 16
_ATTRIBUTES = "Attributes"
# What the names of EC2's operations contain that change a security group, a prefix list or the addresses of an interface.
_NETWORK = ("SecurityGroup", "PrefixList", "NetworkInterface", "PrivateIpAddress", "Instances")


_Remembered = TypeVar("_Remembered")


@dataclass(frozen=True, slots=True)
class Memory:
    """What need not be asked again: everything under an ARN that `touched`, the text of later requests, does not name."""

    touched: str | None

    def of(self, answers: Mapping[str, _Remembered]) -> dict[str, _Remembered]:
        """Those of these answers, by ARN, that still hold."""
        touched = self.touched
        return {} if touched is None else {arn: answer for arn, answer in answers.items() if _owner(arn) not in touched}

    @property
    def network(self) -> bool:
        """Whether security groups and the addresses of interfaces still hold."""
        return self.touched is not None and not any(each in self.touched for each in _NETWORK)


def _owner(arn: str) -> str:
    """What every ARN under the same load balancer has in common (`app/web/0123456789abcdef`), or the last part of another ARN."""
    kind, *path = arn.rsplit(":", 1)[-1].split("/")
    return "/".join(path[:3]) if kind in ("loadbalancer", "listener") else "/".join([kind, *path])


class Account:
    """An open connection to the emulated account."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._region = region
        self._stack = AsyncExitStack()
        self._gate = asyncio.Semaphore(_PARALLEL)

    async def __aenter__(self) -> Self:
        session = get_session()
        options: dict[str, Any] = {
            "region_name": self._region,
            "endpoint_url": self._endpoint,
            "aws_access_key_id": "sandbox",
            "aws_secret_access_key": "sandbox",
            "config": Config(user_agent=_AGENT, retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=10),
        }
        self._options = options
        self._elb = await self._stack.enter_async_context(session.create_client("elbv2", **options))
        self._ec2 = await self._stack.enter_async_context(session.create_client("ec2", **options))
        for client in (self._elb, self._ec2):
            client.meta.events.register("before-sign", _mark)
        headers = {"User-Agent": _AGENT, _INTERNAL: "1"}
        timeout = aiohttp.ClientTimeout(total=10)
        self._http = await self._stack.enter_async_context(aiohttp.ClientSession(headers=headers, timeout=timeout))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def zones(self, vpc_id: str) -> Zones:
        """The hosted zones that a VPC sees; they are read when somebody asks for a name."""
        return await self._stack.enter_async_context(Zones(self._options, _mark, vpc_id))

    async def journal(self, since: int) -> list[Json]:
        """Calls with a number above `since`."""
        async with self._http.get(f"{self._endpoint}/_sandbox/journal", params={"since": str(since)}) as answer:
            answer.raise_for_status()
            return list((await answer.json())["calls"])

    async def answers(self, before: Answers, touched: str | None) -> Answers:
        """Everything the data plane looks at, in three waves of concurrent calls.

        What `touched`, the text of the requests since `before`, does not name is taken from `before`; None asks for all anew.
        """
        balancers, groups = await asyncio.gather(
            self._pages("describe_load_balancers", "LoadBalancers"),
            self._pages("describe_target_groups", "TargetGroups"),
        )
        memory = Memory(touched)
        arns = [each["LoadBalancerArn"] for each in balancers]
        group_arns = [each["TargetGroupArn"] for each in groups]
        listeners, balancer_attributes, group_attributes, health = await asyncio.gather(
            self._each(arns, memory.of(before.listeners), self._listeners),
            self._each(arns, memory.of(before.load_balancer_attributes), self._balancer_attributes),
            self._each(group_arns, memory.of(before.target_group_attributes), self._group_attributes),
            self._each(group_arns, memory.of(before.target_health), self._health),
        )
        found = [each for some in listeners.values() for each in some]
        http = [each["ListenerArn"] for each in found if each["Protocol"] in ("HTTP", "HTTPS")]
        secure = [each["ListenerArn"] for each in found if each["Protocol"] in ("HTTPS", "TLS")]
        rules, attributes, certificates, instances = await asyncio.gather(
            self._each(http, memory.of(before.rules), self._rules),
            self._each([each["ListenerArn"] for each in found], memory.of(before.listener_attributes), self._listener_attributes),
            self._each(secure, memory.of(before.listener_certificates), self._certificates),
            self._instances(groups, health),
        )
        network = before.security_groups, before.interfaces, before.prefix_lists
        groups_known, interfaces, lists = network if memory.network else await self._network()
        shown = {each["CertificateArn"] for some in certificates.values() for each in some}
        shown |= {each["CertificateArn"] for one in found for each in one.get("Certificates") or ()}
        return Answers(
            load_balancers=balancers,
            load_balancer_attributes=balancer_attributes,
            listeners=listeners,
            listener_attributes=attributes,
            listener_certificates=certificates,
            rules=rules,
            target_groups=groups,
            target_group_attributes=group_attributes,
            target_health=health,
            instances=instances,
            subnets=await self._subnets(balancers, memory.of(before.subnets)),
            keys=await self._key_pairs(shown, memory.of(before.keys)),
            bundles=await self._bundles(found, memory.of(before.bundles)),
            security_groups=groups_known,
            interfaces=interfaces,
            prefix_lists=lists,
        )

    async def health(self, groups: Iterable[str]) -> dict[str, tuple[Json, ...]]:
        """Target health by target group."""
        return await self._each(groups, {}, self._health)

    async def _health(self, arn: str) -> tuple[Json, ...]:
        return await self._call("describe_target_health", "TargetHealthDescriptions", TargetGroupArn=arn)

    async def _listeners(self, arn: str) -> tuple[Json, ...]:
        return await self._pages("describe_listeners", "Listeners", LoadBalancerArn=arn)

    async def _rules(self, arn: str) -> tuple[Json, ...]:
        return await self._pages("describe_rules", "Rules", ListenerArn=arn)

    async def _certificates(self, arn: str) -> tuple[Json, ...]:
        return await self._pages("describe_listener_certificates", "Certificates", ListenerArn=arn)

    async def _balancer_attributes(self, arn: str) -> tuple[Json, ...]:
        return await self._call("describe_load_balancer_attributes", _ATTRIBUTES, LoadBalancerArn=arn)

    async def _listener_attributes(self, arn: str) -> tuple[Json, ...]:
        return await self._call("describe_listener_attributes", _ATTRIBUTES, ListenerArn=arn)

    async def _group_attributes(self, arn: str) -> tuple[Json, ...]:
        return await self._call("describe_target_group_attributes", _ATTRIBUTES, TargetGroupArn=arn)

    async def _instances(self, groups: Iterable[Json], health: Mapping[str, tuple[Json, ...]]) -> dict[str, str]:
        """Private addresses by id of the instances that are targets."""
        wanted = sorted(
            {
                each["Target"]["Id"]
                for group in groups
                if group.get("TargetType") == "instance"
                for each in health.get(group["TargetGroupArn"], ())
            }
        )
        if not wanted:
            return {}
        pages = await self._ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": wanted}])
        found = [each for reservation in pages["Reservations"] for each in reservation["Instances"]]
        return {each["InstanceId"]: each["PrivateIpAddress"] for each in found if each.get("PrivateIpAddress")}

    async def _subnets(self, balancers: Iterable[Json], known: Mapping[str, Json]) -> dict[str, Json]:
        """The subnets, by id, of the VPCs that network load balancers are in."""
        network = [each for each in balancers if each.get("Type") == "network"]
        own = {zone["SubnetId"] for each in network for zone in each.get("AvailabilityZones") or ()}
        if own <= known.keys():
            return dict(known) if own else {}
        vpcs = sorted({each["VpcId"] for each in network})
        found = await self._ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": vpcs}])
        return {each["SubnetId"]: each for each in found["Subnets"]}

    async def _network(self) -> tuple[tuple[Json, ...], tuple[Json, ...], dict[str, tuple[str, ...]]]:
        """Security groups, network interfaces, and the CIDRs of the prefix lists in rules by id."""
        groups, interfaces = await asyncio.gather(self._ec2.describe_security_groups(), self._ec2.describe_network_interfaces())
        rules = [rule for group in groups["SecurityGroups"] for rule in group.get("IpPermissions") or ()]
        listed = sorted({each["PrefixListId"] for rule in rules for each in rule.get("PrefixListIds") or ()})
        lists = dict(zip(listed, await asyncio.gather(*(self._prefixes(each) for each in listed)), strict=True))
        return tuple(groups["SecurityGroups"]), tuple(interfaces["NetworkInterfaces"]), lists

    async def _prefixes(self, identity: str) -> tuple[str, ...]:
        try:
            found = await self._ec2.get_managed_prefix_list_entries(PrefixListId=identity)
        except ClientError:
            return ()
        return tuple(each["Cidr"] for each in found["Entries"])

    async def _key_pairs(self, arns: Iterable[str], known: Mapping[str, Json]) -> dict[str, Json]:
        listed = sorted(set(arns) - known.keys())
        found = dict(zip(listed, await asyncio.gather(*(self._key_pair(arn) for arn in listed)), strict=True))
        return {arn: key for arn in sorted(arns) if (key := known.get(arn) or found.get(arn)) is not None}

    async def _bundles(self, listeners: Iterable[Json], known: Mapping[str, str]) -> dict[str, str]:
        """PEM bundles of the trust stores that listeners check client certificates against."""
        arns = {str(arn) for each in listeners if (arn := (each.get("MutualAuthentication") or {}).get("TrustStoreArn"))}
        found = {arn: text for arn, text in known.items() if arn in arns}
        for arn in sorted(arns - found.keys()):
            place = await self._elb.get_trust_store_ca_certificates_bundle(TrustStoreArn=arn)
            async with self._http.get(place["Location"]) as answer:
                answer.raise_for_status()
                found[arn] = await answer.text()
        return found

    async def _key_pair(self, arn: str) -> Json | None:
        async with self._http.get(f"{self._endpoint}/_sandbox/keys/{arn}") as answer:
            if answer.status == 404:
                return None
            answer.raise_for_status()
            return dict(await answer.json())

    async def _each(
        self, arns: Iterable[str], known: Mapping[str, tuple[Json, ...]], ask: Callable[[str], Awaitable[tuple[Json, ...]]]
    ) -> dict[str, tuple[Json, ...]]:
        """Answers by ARN, those known and those asked for; one that vanished meanwhile has none."""
        listed = list(arns)
        asked = [arn for arn in listed if arn not in known]
        fresh = dict(zip(asked, await asyncio.gather(*(_unless_gone(ask(arn)) for arn in asked)), strict=True))
        return {arn: answer for arn in listed if (answer := known.get(arn, fresh.get(arn))) is not None}

    async def _call(self, operation: str, key: str, **arguments: str) -> tuple[Json, ...]:
        async with self._gate:
            return tuple((await getattr(self._elb, operation)(**arguments)).get(key) or ())

    async def _pages(self, operation: str, key: str, **arguments: str) -> tuple[Json, ...]:
        found: list[Json] = []
        marker: dict[str, str] = {}
        while True:
            async with self._gate:
                page = await getattr(self._elb, operation)(**arguments, **marker)
            found += page.get(key) or ()
            if not page.get("NextMarker"):
                return tuple(found)
            marker = {"Marker": page["NextMarker"]}


def _mark(request: Any, **_: object) -> None:
    request.headers[_INTERNAL] = "1"


async def _unless_gone(asked: Awaitable[tuple[Json, ...]]) -> tuple[Json, ...] | None:
    """The answer, or None where the thing asked about was deleted between two calls."""
    try:
        return await asked
    except ClientError as error:
        if error.response["Error"]["Code"].endswith("NotFound"):
            return None
        raise
