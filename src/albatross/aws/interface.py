"""Network interfaces behind targets, and the security groups on them.

Rules of kubernetes-sigs/aws-load-balancer-controller: `pkg/networking/pod_eni_info_resolver.go`, `node_eni_info_resolver.go`.
"""

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from albatross.aws.client import Session
from albatross.model.snapshot import Key, Node, Pod

SECONDS = 600.0
"""How long an answer is believed."""

CHUNK = 199
"""Addresses in one DescribeNetworkInterfaces: AWS takes 200 filter values, one is the VPC."""

COMPUTE_TYPES = ("eks.amazonaws.com/compute-type", "sagemaker.amazonaws.com/compute-type")


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface and its security groups."""

    id: str
    groups: tuple[str, ...]


async def of_pods(session: Session, pods: Iterable[Pod], nodes: Mapping[str, Node], vpc: str) -> Mapping[Key, Interface]:
    """The interface that holds each pod's address; a pod that has none is missing (hybrid nodes, a cache that lags)."""
    found: dict[Key, Interface] = {}
    for way in (_annotated, _on_instances):
        rest = [p for p in pods if p.pod_ip and (p.namespace, p.name) not in found]
        found |= await way(session, rest, nodes)
    rest = [
        p for p in pods if p.pod_ip and (p.namespace, p.name) not in found and _compute(nodes.get(p.node_name)) in ("fargate", "hyperpod")
    ]
    return found | await _by_address(session, rest, vpc)


async def of_nodes(session: Session, instance_ids: Iterable[str]) -> Mapping[str, Interface]:
    """The primary interface of each instance, by instance id."""
    found = await _instances(session, instance_ids)
    primary = {
        i: [e for e in item.get("NetworkInterfaces", ()) if (e.get("Attachment") or {}).get("DeviceIndex") == 0]
        for i, item in found.items()
    }
    return {i: _interface(each[0]) for i, each in primary.items() if each}


def _compute(node: Node | None) -> str:
    return next((node.labels[t] for t in COMPUTE_TYPES if t in node.labels), "") if node else ""


async def _annotated(session: Session, pods: list[Pod], _: Mapping[str, Node]) -> dict[Key, Interface]:
    """Pods with an interface of their own: the VPC CNI writes it into the annotation `vpc.amazonaws.com/pod-eni`."""
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
    """Pods whose address stands on an interface of their node, alone or inside a delegated prefix."""
    instance = {p.node_name: nodes[p.node_name].provider_id.rsplit("/", 1)[-1] for p in pods if p.node_name in nodes}
    items = await _instances(session, [i for i in instance.values() if i.startswith("i-")])
    if any(not _holder(items.get(instance.get(p.node_name, ""), {}), p.pod_ip) for p in pods):
        # an address younger than the answer: ask once more
        for i in instance.values():
            session.cache.forget(("instance", i))
        items = await _instances(session, [i for i in instance.values() if i.startswith("i-")])
    found = {}
    for pod in pods:
        if holder := _holder(items.get(instance.get(pod.node_name, ""), {}), pod.pod_ip):
            found[(pod.namespace, pod.name)] = _interface(holder)
    return found


def _holder(instance: Mapping[str, Any], address: str) -> Mapping[str, Any] | None:
    return next((eni for eni in instance.get("NetworkInterfaces", ()) if _holds(eni, address)), None)


def _holds(eni: Mapping[str, Any], address: str) -> bool:
    single = {a.get("PrivateIpAddress") for a in eni.get("PrivateIpAddresses", ())} | {
        a.get("Ipv6Address") for a in eni.get("Ipv6Addresses", ())
    }
    if address in single:
        return True
    prefixes = [p["Ipv4Prefix"] for p in eni.get("Ipv4Prefixes", ())] + [p["Ipv6Prefix"] for p in eni.get("Ipv6Prefixes", ())]
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(prefix) for prefix in prefixes)


async def _by_address(session: Session, pods: list[Pod], vpc: str) -> dict[Key, Interface]:
    """Pods without an instance of ours (Fargate, HyperPod): by the address itself."""
    found: dict[str, Interface] = {}
    for family, name in ((4, "addresses.private-ip-address"), (6, "ipv6-addresses.ipv6-address")):
        addresses = sorted({p.pod_ip for p in pods if ipaddress.ip_address(p.pod_ip).version == family})
        for start in range(0, len(addresses), CHUNK):
            filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": name, "Values": addresses[start : start + CHUNK]}]
            for item in await session.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters):
                own = [a.get("PrivateIpAddress") for a in item.get("PrivateIpAddresses", ())] + [
                    a.get("Ipv6Address") for a in item.get("Ipv6Addresses", ())
                ]
                found |= {a: _interface(item) for a in own if a}
    return {(p.namespace, p.name): found[p.pod_ip] for p in pods if p.pod_ip in found}


async def _instances(session: Session, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """DescribeInstances by id, in one call for all that are not remembered."""
    wanted = sorted(set(ids))
    kept: dict[str, dict[str, Any]] = {}

    async def unknown() -> dict[str, Any]:
        return {}

    for i in wanted:
        kept[i] = await session.cache.get(("instance", i), SECONDS, unknown)
    missing = [i for i in wanted if not kept[i]]
    if missing:
        for reservation in await session.pages("ec2", "DescribeInstances", "Reservations", InstanceIds=missing):
            for item in reservation.get("Instances", ()):
                kept[item["InstanceId"]] = item
                session.cache.put(("instance", item["InstanceId"]), item)
    return {i: item for i, item in kept.items() if item}


def _interface(item: Mapping[str, Any]) -> Interface:
    return Interface(item["NetworkInterfaceId"], tuple(g["GroupId"] for g in item.get("Groups", ())))
