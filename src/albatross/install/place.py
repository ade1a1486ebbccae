"""The name, the region and the VPC of a cluster: what its kubeconfig, its nodes and AWS say, and whether they agree."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from albatross.model.problem import Origin, Problem

Fact = Literal["cluster-name", "aws-region", "aws-vpc-id"]
"""The flag that sets it."""

CODES: Mapping[Fact, str] = {"cluster-name": "LB730", "aws-region": "LB731", "aws-vpc-id": "LB732"}
SERVER = re.compile(r"https://[0-9A-Za-z-]+\.(?:[0-9a-z]+\.)?([a-z]{2,}(?:-[a-z]+)+-\d+)\.eks\.amazonaws\.com(?:\.cn)?(?::\d+)?")
"""The address of an EKS cluster; the letters in front of the region differ from cluster to cluster."""
ARN = re.compile(r"arn:aws[a-z-]*:eks:([a-z0-9-]+):\d{12}:cluster/([0-9A-Za-z_-]+)")
"""The name that `aws eks update-kubeconfig` gives to a context."""
NAMED = ("aws:eks:cluster-name", "eks:cluster-name", "alpha.eksctl.io/cluster-name")
"""Tags that have the name of the cluster as their value; EKS sets the first two."""
OWNED = "kubernetes.io/cluster/"
"""The start of a tag key that ends with the name of the cluster."""
REGION = "topology.kubernetes.io/region"
EKSCTL = "alpha.eksctl.io/cluster-name"


@dataclass(frozen=True, slots=True)
class Clue:
    """One source's value of one fact. `source` is in words for users."""

    fact: Fact
    value: str
    source: str


def of_access(server: str, names: Iterable[str], command: Sequence[str]) -> Iterator[Clue]:
    """What a kubeconfig says: the address of the API server, the names of context and cluster, the command that gets a token."""
    if found := SERVER.fullmatch(server.rstrip("/")):
        yield Clue("aws-region", found[1], f"the API server {server}")
    for arn in dict.fromkeys(names):
        if found := ARN.fullmatch(arn):
            yield Clue("cluster-name", found[2], f"the kubeconfig's {arn}")
            yield Clue("aws-region", found[1], f"the kubeconfig's {arn}")
    options = _options(command)
    for name in ("--cluster-name", "--cluster-id", "-i"):
        if options.get(name):
            yield Clue("cluster-name", options[name], f"the kubeconfig's `{command[0]}` with {name}")
    if options.get("--region"):
        yield Clue("aws-region", options["--region"], f"the kubeconfig's `{command[0]}` with --region")


def _options(command: Sequence[str]) -> dict[str, str]:
    """`--name value` and `--name=value`."""
    found = dict(word.split("=", 1) for word in command if word.startswith("--") and "=" in word)
    return {**{name: value for name, value in pairwise(command) if name.startswith("-")}, **found}


def of_nodes(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Clue]:
    """What the labels of nodes say."""
    for node in nodes:
        metadata = node.get("metadata") or {}
        labels = metadata.get("labels") or {}
        for fact, label in (("aws-region", REGION), ("cluster-name", EKSCTL)):
            if labels.get(label):
                yield Clue(fact, labels[label], f"label {label} of node {metadata.get('name')}")  # type: ignore[arg-type]


def of_instances(instances: Iterable[Mapping[str, Any]]) -> Iterator[Clue]:
    """What the EC2 instances of nodes say: their VPC, and the tags of the cluster."""
    for instance in instances:
        what = f"instance {instance['InstanceId']}"
        if instance.get("VpcId"):
            yield Clue("aws-vpc-id", instance["VpcId"], what)
        tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags") or ()}
        named = [(tag, tags[tag]) for tag in NAMED if tags.get(tag)]
        owned = [(tag, tag.removeprefix(OWNED)) for tag, value in tags.items() if tag.startswith(OWNED) and value == "owned"]
        for tag, name in named or owned:
            yield Clue("cluster-name", name, f"tag {tag} of {what}")


def of_cluster(cluster: Mapping[str, Any], server: str) -> Iterator[Clue]:
    """What EKS says of the cluster with this name. A cluster with another address is not the one of the kubeconfig."""
    name = str(cluster["name"])
    vpc = (cluster.get("resourcesVpcConfig") or {}).get("vpcId")
    endpoint = str(cluster.get("endpoint") or "")
    if endpoint and SERVER.fullmatch(server) and endpoint.lower() != server.lower():
        yield Clue("cluster-name", f"another cluster at {server}", f"EKS, where {name} is at {endpoint}; the kubeconfig")
    elif vpc:
        yield Clue("aws-vpc-id", vpc, f"EKS cluster {name}")


@dataclass(frozen=True, slots=True)
class Settled:
    """The value of each fact with a source, and what contradicts it."""

    values: Mapping[Fact, str]
    sources: Mapping[Fact, str]
    problems: tuple[Problem, ...]


def settle(given: Mapping[Fact, str], clues: Sequence[Clue], origin: Origin) -> Settled:
    """What was given, otherwise the first source's value. Each other value of any source is a problem, once."""
    values = {fact: value for fact, value in given.items() if value}
    sources = dict.fromkeys(values, "given")
    for clue in clues:
        if clue.fact not in values:
            values[clue.fact], sources[clue.fact] = clue.value, clue.source
    found = {(clue.fact, clue.value): clue for clue in reversed(clues) if clue.value != values[clue.fact]}
    problems = [_contradiction(clue, values[clue.fact], origin) for clue in sorted(found.values(), key=lambda each: CODES[each.fact])]
    return Settled(values, sources, tuple(problems))


def _contradiction(clue: Clue, given: str, origin: Origin) -> Problem:
    return Problem(CODES[clue.fact], origin, (("found", clue.value), ("given", given), ("source", clue.source)))


def unknown(asked: str, origin: Origin) -> Problem:
    """The problem of a cluster without a name."""
    return Problem("LB733", origin, (("asked", asked),))
