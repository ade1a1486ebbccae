import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.clock import until
from tests.kube.wire import Api, mirrored

from albatross.catalog.tracking import INGRESS
from albatross.kube import crds
from albatross.kube.bindings import Bindings, BindingStuck, observe, spec
from albatross.kube.cache import Cache
from albatross.model.observed import Owned
from albatross.model.plan import DeleteBinding, PutBinding
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import LabelRequirement, LabelSelector, Metadata, TargetGroupBinding
from albatross.token import swap

PATH = "/apis/elbv2.k8s.aws/v1beta1/namespaces/shop/targetgroupbindings/k8s-web"
STACK = StackId(INGRESS, "shop", "app")
GROUP = Ref("TargetGroup", "shop/app-web:80", "arn")
BACKEND = Ref("BackendSecurityGroup", "backend-sg", "group_id")
IDS: dict[Token, Token] = {GROUP: "arn:tg", BACKEND: "sg-1"}
WANTED = Binding(
    id=GROUP.id,
    namespace="shop",
    name="k8s-web",
    labels=(("ingress.k8s.aws/stack-name", "app"), ("ingress.k8s.aws/stack-namespace", "shop")),
    target_group=GROUP,
    target_type="instance",
    service="web",
    port="http",
    networking=(NetworkingRule(source_group=BACKEND, port=8080), NetworkingRule(source_group=BACKEND, port="probe")),
    node_selector=(("role", "edge"),),
    vpc_id="vpc-01234567",
    protocol="HTTP",
)


def resolve(token: Token) -> str:
    return str(IDS.get(token, token))


@dataclass
class Bed:
    api: Api
    cache: Cache
    bindings: Bindings

    async def put(self, wanted: Binding, before: Owned[Binding] | None = None) -> dict[str, Any]:
        await self.bindings.put(PutBinding(resource=wanted, before=before), STACK, resolve)
        return await self.api.client.get(PATH)

    def seen(self) -> tuple[Owned[Binding], ...]:
        return observe(self.cache.objects("TargetGroupBinding").values(), STACK)


@pytest.fixture
async def bed(api: Api) -> AsyncIterator[Bed]:
    await crds.ensure(api.client)
    await api.client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    async with mirrored(api.client, "TargetGroupBinding") as mirror:
        yield Bed(api, mirror.cache, Bindings(api.client, mirror.cache))


async def test_what_is_put_is_observed_as_it_was_wanted(bed: Bed) -> None:
    await bed.put(WANTED)
    await until(bed.seen)
    (found,) = bed.seen()
    assert found.resource == replace(swap(WANTED, IDS), id="")
    assert found.arn == "shop/k8s-web"


async def test_a_change_keeps_what_others_put_on_it(bed: Bed) -> None:
    await bed.put(WANTED)
    await bed.api.client.patch(PATH, {"metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}}})
    await until(bed.seen)
    changed = replace(WANTED, port=81, networking=None, node_selector=(("zone", "a"),), protocol="")
    found = await bed.put(changed, bed.seen()[0])
    assert (found["metadata"]["labels"]["team"], found["metadata"]["annotations"]["note"]) == ("a", "b")
    assert found["spec"] == spec(changed, resolve)


async def test_one_left_by_a_pass_that_was_cut_off_is_taken_over(bed: Bed) -> None:
    first = await bed.put(WANTED)
    second = await bed.put(replace(WANTED, port=81))
    assert first["metadata"]["uid"] == second["metadata"]["uid"]
    assert second["spec"]["serviceRef"]["port"] == 81


async def test_a_stale_one_of_another_target_group_gives_way(bed: Bed) -> None:
    first = await bed.put(replace(WANTED, target_group="arn:old"))
    second = await bed.put(WANTED)
    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    assert second["spec"]["targetGroupARN"] == "arn:tg"


async def test_deletion_waits_for_the_finalizer(bed: Bed) -> None:
    await bed.put(WANTED)
    await bed.api.client.patch(PATH, {"metadata": {"finalizers": ["elbv2.k8s.aws/resources"]}})
    await until(bed.seen)
    task = asyncio.create_task(bed.bindings.delete(DeleteBinding(before=bed.seen()[0])))
    await until(lambda: bed.seen()[0].state == "deleting")
    assert not task.done()
    assert bed.bindings.deleting(("shop", "k8s-web"))
    await bed.api.client.patch(PATH, {"metadata": {"finalizers": None}})
    await until(task.done)
    assert not bed.bindings.deleting(("shop", "k8s-web"))
    await bed.bindings.delete(DeleteBinding(before=Owned(resource=WANTED, arn="shop/k8s-web")))  # gone already


async def test_a_finalizer_that_cannot_finish_is_said(bed: Bed) -> None:
    await bed.put(WANTED)
    await bed.api.client.patch(PATH, {"metadata": {"finalizers": ["elbv2.k8s.aws/resources"]}})
    task = asyncio.create_task(bed.bindings.delete(DeleteBinding(before=Owned(resource=WANTED, arn="shop/k8s-web"))))
    while not task.done():
        await bed.api.clock.advance(1)
    with pytest.raises(BindingStuck, match="shop/k8s-web"):
        await task


def test_only_the_stacks_own_are_observed_and_foreign_parts_differ() -> None:
    labels = {"ingress.k8s.aws/stack": "g"}
    mine = TargetGroupBinding(
        metadata=Metadata(namespace="a", name="x", labels=labels),
        target_group_arn="arn:other",
        service="web",
        port=80,
        networking='{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}},{"securityGroup":{"groupID":"sg-9"}}]}]}',
        node_selector=LabelSelector({"a": "b"}, (LabelRequirement("c", "In", ("d",)),)),
    )
    other = replace(mine, metadata=Metadata(namespace="a", name="y", labels={"ingress.k8s.aws/stack": "h"}))
    (found,) = observe([other, mine], StackId(INGRESS, "", "g"))
    assert (found.resource.target_group, found.resource.id) == ("arn:other", "")
    assert found.resource.networking == (NetworkingRule(cidr="10.0.0.0/8"), NetworkingRule(source_group="sg-9"))
    assert found.resource.node_selector == (("a", "b"), ("c", "In d"))
