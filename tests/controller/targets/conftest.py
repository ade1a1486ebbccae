"""A loop for each test, with a target group of its own."""

import itertools
from collections.abc import AsyncIterator

import pytest
from tests.controller.targets.bed import Account, Bed, Heard
from tests.kube.wire import Api, mirrored

from albatross.controller.bindings import KIND
from albatross.controller.targets import TargetsLoop
from albatross.kube import crds

_NUMBER = itertools.count(1)


@pytest.fixture
async def bed(api: Api, account: Account) -> AsyncIterator[Bed]:
    await crds.ensure(api.client)
    await api.client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    async with account.session() as session, mirrored(api.client, KIND) as mirror:
        name = f"loop-{next(_NUMBER)}"
        made = await session.call(
            "elbv2", "CreateTargetGroup", Name=name, Protocol="HTTP", Port=80, VpcId=account.ready["vpc_id"], TargetType="ip"
        )
        heard = Heard(api.client)
        loop = TargetsLoop(session, api.client, mirror.cache, account.config, heard)
        async with loop.roles:
            yield Bed(api, account, loop, heard, made["TargetGroups"][0]["TargetGroupArn"])
