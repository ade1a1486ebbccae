from typing import Any

import pytest
from tests.kube.wire import Api

from albatross.catalog import kinds
from albatross.kube import patch
from albatross.kube.errors import KubeNotFound
from albatross.kube.patch import Finalizers
from albatross.model.ident import Ident
from albatross.model.snapshot import Ingress, LoadBalancerIngress
from albatross.model.target import Gate

PATH = "/apis/networking.k8s.io/v1/namespaces/default/ingresses/app"
OURS = frozenset({"ingress.k8s.aws/resources"})


async def ingress(api: Api) -> Ingress:
    body = await api.make(
        "Ingress", "app", spec={"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}, metadata={"finalizers": ["x/y"]}
    )
    found = kinds.parse(body)
    assert isinstance(found, Ingress)
    return found


async def finalizers(api: Api) -> list[str]:
    return list((await api.client.get(PATH))["metadata"].get("finalizers", []))


async def test_finalizers_come_and_go_beside_those_of_others(api: Api) -> None:
    found = await ingress(api)
    await patch.finalizers(api.client, "Ingress", found.metadata, Finalizers(add=OURS))
    assert await finalizers(api) == ["x/y", *OURS]
    await patch.finalizers(api.client, "Ingress", found.metadata, Finalizers(remove=frozenset({"x/y"})))  # read anew: the version is old
    await patch.finalizers(api.client, "Ingress", found.metadata, Finalizers(remove=frozenset({*OURS, "x/y"})))
    assert await finalizers(api) == []


async def test_annotations_go_in_the_same_write(api: Api) -> None:
    found = await ingress(api)
    await api.client.patch(PATH, {"metadata": {"annotations": {"a.dev/x": "1", "a.dev/y": "2"}}})
    noted = kinds.parse(await api.client.get(PATH))
    assert isinstance(noted, Ingress)
    change = Finalizers(remove=frozenset({"x/y"}), drop=frozenset({"a.dev/x", "a.dev/z"}))
    await patch.finalizers(api.client, "Ingress", noted.metadata, change)
    left = (await api.client.get(PATH))["metadata"]
    assert (left["annotations"], left.get("finalizers", [])) == ({"a.dev/y": "2"}, [])
    assert found.metadata.annotations == {}


async def test_nothing_to_change_is_no_request(api: Api) -> None:
    found = await ingress(api)
    api.wire.closed = True
    await patch.finalizers(api.client, "Ingress", found.metadata, Finalizers(add=frozenset({"x/y"})))


async def test_an_object_that_is_gone_needs_no_removal(api: Api) -> None:
    found = await ingress(api)
    await api.client.patch(PATH, {"metadata": {"finalizers": None}})
    await api.client.delete(PATH)
    await patch.finalizers(api.client, "Ingress", found.metadata, Finalizers(remove=frozenset({"x/y"})))
    with pytest.raises(KubeNotFound):
        await patch.finalizers(api.client, "Ingress", found.metadata, Finalizers(add=OURS))


async def test_a_successor_of_the_same_name_is_left_alone(api: Api) -> None:
    found = await ingress(api)
    await api.client.patch(PATH, {"metadata": {"finalizers": None}})
    await api.client.delete(PATH)
    await ingress(api)
    await patch.finalizers(api.client, "Ingress", found.metadata, Finalizers(remove=frozenset({"x/y"})))
    assert await finalizers(api) == ["x/y"]


async def test_a_status_is_merged_into_the_objects_own(api: Api) -> None:
    await ingress(api)
    entries: list[dict[str, Any]] = [{"hostname": "a.example", "ports": [{"port": 80, "protocol": ""}]}, {"hostname": "n.example"}]
    await patch.status(api.client, Ident("Ingress", "default", "app"), {"loadBalancer": {"ingress": entries}})
    now = kinds.parse(await api.client.get(PATH))
    assert isinstance(now, Ingress)
    assert now.status == (LoadBalancerIngress(hostname="a.example", ports=(80,)), LoadBalancerIngress(hostname="n.example"))


async def test_a_gate_is_written_to_its_pod_only(api: Api) -> None:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    body = await api.client.create(
        "/api/v1/namespaces/default/pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    )
    gate = Gate(("default", "p"), body["metadata"]["uid"], "target-health.elbv2.k8s.aws/t", "False", "r", "m")
    await patch.condition(api.client, gate, turned=True)
    (written,) = [
        each for each in (await api.client.get("/api/v1/namespaces/default/pods/p"))["status"]["conditions"] if each["type"] == gate.type
    ]
    assert (written["status"], written["reason"], written["message"]) == ("False", "r", "m")
    assert written["lastTransitionTime"]
    await patch.condition(api.client, Gate(("default", "p"), "another", gate.type, "True"), turned=True)
    await patch.condition(api.client, Gate(("default", "gone"), "u", gate.type, "True"), turned=True)
