"""Network interfaces of targets, and their security groups.

Rules of kubernetes-sigs/aws-load-balancer-controller: `pkg/networking/pod_eni_info_resolver.go`, `node_eni_info_resolver.go`.
"""

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from albatross.aws.session.client import Session
from albatross.model.snapshot import Key, Node, Pod

SECONDS = 600.0
"""How long an answer is cached."""

CHUNK = 199
"""Values in one filter: AWS accepts 200 in all filters of a call, and one may be the VPC."""

COMPUTE_TYPES = ("eks.amazonaws.com/compute-type", "sagemaker.amazonaws.com/compute-type")


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface and its security groups."""

    id: str
    groups: tuple[str, ...]


async def of_pods(session: Session, pods: Iterable[Pod], nodes: Mapping[str, Node], vpc: str) -> Mapping[Key, Interface]:
    """The interface with each pod's address; a pod without one is missing from the result (hybrid nodes, or the cache is behind)."""
    pods = list(pods)
    found: dict[Key, Interface] = {}
    for way in (_annotated, _on_instances):
        rest = [p for p in pods if p.pod_ip and (p.namespace, p.name) not in found]
        found |= await way(session, rest, nodes)
    rest = [
        p for p in pods if p.pod_ip and (p.namespace, p.name) not in found and _compute(nodes.get(p.node_name)) in ("fargate", "hyperpod")
    ]
    return found | await _by_address(session, rest, vpc)


def expected(pod: Pod, nodes: Mapping[str, Node]) -> bool:
    """Whether an interface of this VPC must have the pod's address. Not for hybrid nodes, which are outside the VPC."""
    return bool(pod.pod_ip) and _compute(nodes.get(pod.node_name)) != "hybrid"


async def of_nodes(session: Session, instance_ids: Iterable[str]) -> Mapping[str, Interface]:
    """The primary interface of each instance, by instance id."""
    found = await instances(session, instance_ids)
    primary = {
        i: [e for e in item.get("NetworkInterfaces", ()) if (e.get("Attachment") or {}).get("DeviceIndex") == 0]
        for i, item in found.items()
    }
    return {i: _interface(each[0]) for i, each in primary.items() if each}


def _compute(node: Node | None) -> str:
    return next((node.labels[t] for t in COMPUTE_TYPES if t in node.labels), "") if node else ""


async def _annotated(session: Session, pods: list[Pod], _: Mapping[str, Node]) -> dict[Key, Interface]:
    """Pods with their own interface: the VPC CNI writes it into the annotation `vpc.amazonaws.com/pod-eni`."""
    ids = {(p.namespace, p.name): eni for p in pods if (eni := _branch(p))}
    if not ids:
        return {}
    items = await session.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", NetworkInterfaceIds=sorted(set(ids.values())))
    known = {item["NetworkInterfaceId"]: _interface(item) for item in items}
    return {key: known[eni] for key, eni in ids.items() if eni in known}


def _branch(pod: Pod) -> str:
    try:
        entries = json.loads(pod.pod_eni) if pod.pod_eni else []
        return next((str(e["eniId"]) for e in entries if pod.pod_ip in (e.get("privateIp"), e.get("ipv6Addr"))), "")
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""


async def _on_instances(session: Session, pods: list[Pod], nodes: Mapping[str, Node]) -> dict[Key, Interface]:
    """Pods with an address on an interface of their node, as a single address or inside a delegated prefix."""
    instance = {p.node_name: n.instance_id for p in pods if (n := nodes.get(p.node_name)) and n.instance_id}
    found = _held(pods, instance, await instances(session, instance.values()))
    if rest := [p for p in pods if (p.namespace, p.name) not in found and p.node_name in instance]:
        # addresses that are newer than the cached answer: ask once more
        asked = {instance[p.node_name] for p in rest}
        for i in asked:
            session.cache.forget(("instance", i))
        found |= _held(rest, instance, await instances(session, asked))
    return found


def _held(pods: Iterable[Pod], instance: Mapping[str, str], items: Mapping[str, Mapping[str, Any]]) -> dict[Key, Interface]:
    holders = {i: _Holders.read(item) for i, item in items.items()}
    found = {}
    for pod in pods:
        known = holders.get(instance.get(pod.node_name, ""))
        if known and (holder := known.of(pod.pod_ip)):
            found[(pod.namespace, pod.name)] = holder
    return found


@dataclass(frozen=True, slots=True)
class _Holders:
    """The interfaces of one instance by their addresses and prefixes."""

    single: Mapping[str, Interface]
    prefixes: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, Interface], ...]

    @classmethod
    def read(cls, instance: Mapping[str, Any]) -> "_Holders":
        single: dict[str, Interface] = {}
        prefixes = []
        for eni in instance.get("NetworkInterfaces", ()):
            single |= dict.fromkeys(_addresses(eni), _interface(eni))
            texts = [p["Ipv4Prefix"] for p in eni.get("Ipv4Prefixes", ())] + [p["Ipv6Prefix"] for p in eni.get("Ipv6Prefixes", ())]
            prefixes += [(ipaddress.ip_network(text), _interface(eni)) for text in texts]
        return cls(single, tuple(prefixes))

    def of(self, address: str) -> Interface | None:
        if (found := self.single.get(address)) or not self.prefixes:
            return found
        number = ipaddress.ip_address(address)
        return next((holder for network, holder in self.prefixes if number in network), None)


def _addresses(eni: Mapping[str, Any]) -> list[str]:
    four = [a.get("PrivateIpAddress") for a in eni.get("PrivateIpAddresses", ())]
    six = [a.get("Ipv6Address") for a in eni.get("Ipv6Addresses", ())]
    return [a for a in (*four, *six) if a]


async def _by_address(session: Session, pods: list[Pod], vpc: str) -> dict[Key, Interface]:
    """Pods without an EC2 instance of the account (Fargate, HyperPod): search for the address itself."""
    found: dict[str, Interface] = {}
    for family, name in ((4, "addresses.private-ip-address"), (6, "ipv6-addresses.ipv6-address")):
        addresses = sorted({p.pod_ip for p in pods if ipaddress.ip_address(p.pod_ip).version == family})
        for start in range(0, len(addresses), CHUNK):
            filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": name, "Values": addresses[start : start + CHUNK]}]
            for item in await session.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters):
                found |= dict.fromkeys(_addresses(item), _interface(item))
    return {(p.namespace, p.name): found[p.pod_ip] for p in pods if p.pod_ip in found}


async def instances(session: Session, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """DescribeInstances for all that are not cached; a deleted one is missing from the result. One task asks, others wait for it."""
    async with session.lock("instances"):
        return await _instances(session, ids)


async def _instances(session: Session, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}

    async def unknown() -> dict[str, Any]:
        return {}

    for i in sorted(set(ids)):
        kept[i] = await session.cache.get(("instance", i), SECONDS, unknown)
    missing = [i for i, item in kept.items() if not item]
    for start in range(0, len(missing), CHUNK):
        # with a filter: with a list of ids, one deleted instance makes the whole call fail
        wanted = [{"Name": "instance-id", "Values": missing[start : start + CHUNK]}]
        for reservation in await session.pages("ec2", "DescribeInstances", "Reservations", Filters=wanted):
            for item in reservation.get("Instances", ()):
                kept[item["InstanceId"]] = item
                session.cache.put(("instance", item["InstanceId"]), item)
    return {i: item for i, item in kept.items() if item}


def _interface(item: Mapping[str, Any]) -> Interface:
    return Interface(item["NetworkInterfaceId"], tuple(g["GroupId"] for g in item.get("Groups", ())))
