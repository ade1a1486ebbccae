"""The name of the cluster against the tags of its nodes, at start: a wrong name is found before a subnet is missing."""

from collections.abc import Mapping
from typing import Any

import structlog

from albatross.catalog import problems
from albatross.install.place import of_instances, settle
from albatross.model.config import Config
from albatross.model.problem import Origin

log = structlog.get_logger("place")


def check(config: Config, seen: list[Mapping[str, Any]]) -> None:
    """Log a warning (LB730) if the tags of the nodes' instances name another cluster: the subnets and load balancers would not be found.

    It is not an error, because the name in AWS may differ on purpose. `seen` are the instances as EC2 describes them; without permission
    to read them there is none, and nothing is checked.
    """
    clues = of_instances(seen)
    names_only = [clue for clue in clues if clue.fact == "cluster-name"]
    if any(clue.value == config.cluster_name for clue in names_only):
        return
    settled = settle({"cluster-name": config.cluster_name}, names_only, Origin("Deployment", "", "albatross"))
    for problem in settled.problems[:1]:
        log.warning("cluster name", problem=problems.sentence(problem))
