"""Interfaces behind pods and instances."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest

from albatross.aws.session.client import Session
from albatross.aws.targets import interface
from albatross.aws.targets.interface import Interface
from albatross.model.snapshot import Node, Pod

Account = Any
_OFFSET = itertools.count(10)


def nodes(account: Account) -> dict[str, Node]:
    return {row["name"]: Node(name=row["name"], provider_id=row["provider_id"]) for row in account.ready["nodes"]}


def pod(address: str, name: str = "a", **more: Any) -> Pod:
    return Pod(namespace="shop", name=name, pod_ip=address, node_name="node-0", **more)


def address(account: Account, row: Mapping[str, Any]) -> str:
    """A new address on the node's interface, as the VPC CNI puts one there; our own client does not know this operation."""
    found = row["private_ip"].rpartition(".")[0] + f".{next(_OFFSET)}"
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    ec2 = boto3.client("ec2", endpoint_url=account.ready["endpoint"], region_name="ap-northeast-2", **keys)
    ec2.assign_private_ip_addresses(NetworkInterfaceId=row["eni_id"], PrivateIpAddresses=[found])
    return str(found)


async def of_pods(account: Account, session: Session, *pods: Pod, **changed: Node) -> Mapping[tuple[str, str], Interface]:
    return await interface.of_pods(session, pods, {**nodes(account), **changed}, account.ready["vpc_id"])


async def test_a_pod_is_found_on_its_node(account: Account) -> None:
    row = account.ready["nodes"][0]
    async with account.session() as session:
        first = pod(address(account, row))
        assert await of_pods(account, session, first) == {
            ("shop", "a"): Interface(row["eni_id"], (account.ready["security_groups"]["node"],)),
        }
        mark = account.mark()
        await of_pods(account, session, first)
        assert account.calls(mark) == []
        # an address that is younger than what is remembered of the instance
        second = pod(address(account, row), "b")
        assert (await of_pods(account, session, first, second)).keys() == {("shop", "a"), ("shop", "b")}


async def test_a_pod_with_an_interface_of_its_own(account: Account) -> None:
    row = account.ready["nodes"][1]
    note = json.dumps([{"eniId": row["eni_id"], "privateIp": "127.200.0.77"}])
    async with account.session() as session:
        found = await of_pods(account, session, pod("127.200.0.77", pod_eni=note), pod("127.200.0.78", "b", pod_eni="{"))
        assert {key: each.id for key, each in found.items()} == {("shop", "a"): row["eni_id"]}


async def test_fargate_pods_are_found_by_their_address(account: Account) -> None:
    row = account.ready["nodes"][2]
    labels = {"eks.amazonaws.com/compute-type": "fargate"}
    async with account.session() as session:
        found = await of_pods(account, session, pod(row["private_ip"]), **{"node-0": Node(name="node-0", labels=labels)})
        assert found[("shop", "a")].id == row["eni_id"]


async def test_an_instance_that_is_gone_hides_no_other(account: Account) -> None:
    row = account.ready["nodes"][0]
    gone = Node(name="gone", provider_id="aws:///ap-northeast-2a/i-00000000000000000")
    async with account.session() as session:
        here = pod(address(account, row))
        found = await of_pods(account, session, here, replace(pod("127.200.9.9", "b"), node_name="gone"), gone=gone)
        assert found.keys() == {("shop", "a")}
        instances = await interface.of_nodes(session, [row["instance_id"], "i-00000000000000000"])
        assert {key: each.id for key, each in instances.items()} == {row["instance_id"]: row["eni_id"]}


@pytest.mark.parametrize(("compute", "expected"), [("", True), ("fargate", True), ("hybrid", False)])
def test_where_an_interface_is_to_be_expected(compute: str, expected: bool) -> None:
    labels = {"eks.amazonaws.com/compute-type": compute} if compute else {}
    assert interface.expected(pod("10.0.0.1"), {"node-0": Node(name="node-0", labels=labels)}) is expected
    assert not interface.expected(pod(""), {})


def test_prefixes_hold_the_addresses_inside() -> None:
    eni = {"NetworkInterfaceId": "eni-1", "Groups": [{"GroupId": "sg-1"}], "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.16/28"}]}
    found = interface._Holders.read({"NetworkInterfaces": [eni]})
    assert found.of("10.0.1.17") == Interface("eni-1", ("sg-1",))
    assert found.of("10.0.1.40") is None
