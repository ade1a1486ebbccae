"""The place of an installation: what the kubeconfig, the nodes and AWS say about the cluster, against what was given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, IdentityError
from albatross.aws.targets import interface
from albatross.controller import place as nodes
from albatross.install import place
from albatross.install.installation import NAME, Installation
from albatross.install.place import Clue, Fact, Settled
from albatross.kube.client import Client
from albatross.model.config import Config
from albatross.model.problem import Origin, Problem

SOME = 5
"""Instances of nodes that are checked. They are of one cluster, so a few are enough."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """The installation with name, region and VPC filled in; where they are from; what contradicts; what could not be asked."""

    installation: Installation
    settled: Settled
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What was found, for the user."""
        facts: tuple[tuple[Fact, str], ...] = (("cluster-name", "cluster"), ("aws-region", "region"), ("aws-vpc-id", "VPC"))
        for fact, label in facts:
            value, source = self.settled.values.get(fact), self.settled.sources.get(fact, "the controller will look for it")
            yield f"{label:<8} {value or 'unknown'}  ({source})"
        yield f"image    {self.installation.image}"
        yield from (f"note: {remark}" for remark in self.remarks)


async def discover(client: Client, given: Installation) -> Discovery:
    """Ask the kubeconfig, the nodes and AWS, and compare their answers with what is given."""
    access = client.access
    found = await nodes.nodes(client)
    clues = [*place.of_access(access.server, access.names, access.command), *place.of_nodes(found)]
    known: Mapping[Fact, str] = {"cluster-name": given.cluster_name, "aws-region": given.region, "aws-vpc-id": given.vpc_id}
    origin = Origin("Deployment", given.namespace, NAME, "spec.template.spec.containers[0].args")
    first = place.settle(known, clues, origin)
    more, remarks = await _aws(first, nodes.instances(found), access.server)
    settled = place.settle(known, [*clues, *more], origin)
    values, problems = settled.values, settled.problems
    name, region, vpc = values.get("cluster-name", ""), values.get("aws-region", ""), values.get("aws-vpc-id", "")
    if not name:
        asked = "; ".join(("neither the kubeconfig nor the nodes have it", *remarks))
        problems = (*problems, place.unknown(asked, origin))
    return Discovery(replace(given, cluster_name=name, region=region, vpc_id=vpc), settled, problems, remarks)


async def _aws(settled: Settled, instances: list[str], server: str) -> tuple[list[Clue], tuple[str, ...]]:
    """What EC2 and EKS say, with the credentials of the user."""
    region, name = settled.values.get("aws-region", ""), settled.values.get("cluster-name", "")
    config = Config(cluster_name=name, region=region)
    try:
        async with Session(config) as session:
            await session.identity()
            clues, remarks = [], []
            for ask in (_instances(session, instances[:SOME]), _cluster(session, name, server)):
                try:
                    clues += await ask
                except AwsError as error:
                    remarks.append(f"AWS did not answer: {error}")
            return clues, tuple(remarks)
    except (IdentityError, AwsError) as error:
        return [], (f"AWS was not asked: {error}",)


async def _instances(session: Session, names: list[str]) -> list[Clue]:
    found = await interface.instances(session, names)
    return list(place.of_instances(found.values()))


async def _cluster(session: Session, name: str, server: str) -> list[Clue]:
    if not name:
        return []
    answer = await session.call("eks", "DescribeCluster", name=name)
    return list(place.of_cluster(answer["cluster"], server))
