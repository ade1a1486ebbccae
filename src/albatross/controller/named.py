"""The name of the cluster against the tags of its nodes, at start: a wrong name is found before a subnet is missing."""

from collections.abc import Mapping

import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError
from albatross.catalog import problems
from albatross.controller.place import instances
from albatross.install.place import of_instances, settle
from albatross.model.config import Config
from albatross.model.problem import Origin

log = structlog.get_logger("place")


async def check(session: Session, config: Config, found: list[Mapping[str, object]]) -> None:
    """Log a warning (LB730) if the tags of the nodes' instances name another cluster: the subnets and load balancers would not be found.

    It is not an error, because the name in AWS may differ on purpose. Without the permission to read instances, nothing is checked.
    """
    names = instances(found)[:3]
    if not names:
        return
    try:
        reservations = await session.pages("ec2", "DescribeInstances", "Reservations", InstanceIds=names)
    except AwsError as error:
        log.info("instances not readable", instances=names, error=str(error))
        return
    clues = of_instances(instance for entry in reservations for instance in entry.get("Instances", ()))
    names_only = [clue for clue in clues if clue.fact == "cluster-name"]
    if any(clue.value == config.cluster_name for clue in names_only):
        return
    settled = settle({"cluster-name": config.cluster_name}, names_only, Origin("Deployment", "", "albatross"))
    for problem in settled.problems[:1]:
        log.warning("cluster name", problem=problems.sentence(problem))
