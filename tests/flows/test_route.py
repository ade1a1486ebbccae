"""`route --live` reads a cluster and its account, and writes nothing."""

import asyncio
import json
import os
import sys

import pytest
from tests.flows.bed import Bed, ingress, service

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flows")]

CALL = (sys.executable, "-c", "import sys; from albatross.cli import main; sys.exit(main())", "route")


async def test_a_request_is_walked_through_the_cluster(bed: Bed) -> None:
    await bed.apply(service(), ingress())
    await bed.address()
    await bed.quiet()
    bed.remember()
    world = bed.world
    where = ("--live", "--cluster-name", world.cluster_name, "--vpc-id", world.vpc_id, "-o", "json")
    environment = {**os.environ, **world.environment()}
    child = await asyncio.create_subprocess_exec(
        *CALL, "GET", "http://app.example.com/", *where, env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    walk = json.loads(out)["stacks"][f"{bed.namespace}/app"]
    assert child.returncode == 0
    assert walk["listener"] == "HTTP:80"
    assert walk["actions"] == [f"forward to {bed.namespace}/app-web:80"]
    assert bed.writes() == []
