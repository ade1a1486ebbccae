import asyncio
from dataclasses import replace

import pytest
from tests.clock import until
from tests.kube.script import Reply, playing
from tests.kube.wire import Api

from albatross.catalog.crds import definitions
from albatross.kube import crds
from albatross.kube.client import Client
from albatross.kube.errors import KubeInvalid, Refused, Unconfigured
from albatross.kube.token import StaticToken
from albatross_sandbox.kube.options import User

BINDINGS = "/apis/elbv2.k8s.aws/v1beta1/namespaces/default/targetgroupbindings"


async def test_both_are_made_and_a_second_time_changes_nothing(api: Api) -> None:
    assert await crds.ensure(api.client) == ()
    before = await api.client.get(f"{crds.COLLECTION}/targetgroupbindings.elbv2.k8s.aws")
    assert await crds.ensure(api.client) == ()
    after = await api.client.get(f"{crds.COLLECTION}/targetgroupbindings.elbv2.k8s.aws")
    assert before["metadata"]["generation"] == after["metadata"]["generation"]
    assert (await api.client.get("/apis/elbv2.k8s.aws/v1alpha1/targetgroupbindings"))["items"] == []
    assert (await api.client.get("/apis/elbv2.k8s.aws/v1beta1/ingressclassparams"))["items"] == []


async def test_schemas_refuse_what_they_should(api: Api) -> None:
    await crds.ensure(api.client)
    body = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding", "metadata": {"name": "t"}}
    with pytest.raises(KubeInvalid):
        await api.client.create(BINDINGS, {**body, "spec": {"serviceRef": {"name": "web"}}})
    with pytest.raises(KubeInvalid):
        await api.client.create(BINDINGS, {**body, "spec": {"serviceRef": {"name": "web", "port": 80}, "vpcID": "vpc-x"}})
    await api.client.create(BINDINGS, {**body, "spec": {"serviceRef": {"name": "web", "port": "http"}, "targetGroupARN": "arn"}})


async def test_those_of_an_administrator_stay_as_they_are(api: Api) -> None:
    for definition in definitions():
        theirs = {**definition, "spec": {**definition["spec"], "versions": [dict(each) for each in definition["spec"]["versions"]]}}
        theirs["spec"]["versions"][-1]["additionalPrinterColumns"] = []
        await api.client.create(crds.COLLECTION, theirs)
    assert set(await crds.ensure(api.client)) == {definition["metadata"]["name"] for definition in definitions()}


async def test_without_the_right_to_make_them_it_is_said(api: Api) -> None:
    api.running.face.tokens.add("weak", User("weak", ("system:authenticated",)))
    async with Client(replace(api.access, token=StaticToken("weak"))) as client:
        with pytest.raises(Unconfigured, match="may create CustomResourceDefinitions"):
            await crds.ensure(client)


def group(*plurals: str) -> Reply:
    """Discovery of a group that serves these kinds."""
    return Reply([{"resources": [{"name": each} for each in plurals]}])


BOTH = "ingressclassparams", "targetgroupbindings"


async def test_a_kind_is_waited_for_until_it_is_served() -> None:
    absent = Reply("{}", status=404)
    async with playing(Reply("{}"), absent, group(), group(*BOTH), Reply("{}"), group(*BOTH)) as script:
        ensuring = asyncio.create_task(crds.ensure(script.client))
        await until(ensuring.done, script.clock)
        assert await ensuring == ()
        assert script.clock.now() - 1000 == pytest.approx(2 * crds.AGAIN_SECONDS)


async def test_a_kind_that_is_never_served_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crds, "AGAIN_SECONDS", 5)
    async with playing(Reply("{}"), *[group()] * 10) as script:
        ensuring = asyncio.create_task(crds.ensure(script.client))
        await until(ensuring.done, script.clock)
        with pytest.raises(Unconfigured, match="does not serve it after 30 s"):
            await ensuring


async def test_another_failure_is_passed_on() -> None:
    async with playing(Reply("{}", status=500), group()) as script:
        with pytest.raises(Refused):
            await crds.ensure(script.client)
