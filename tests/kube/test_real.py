"""The Kubernetes half against a real API server; one for the module, a namespace for each test."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.clock import until
from tests.flows.bed import CLI, Bed, Controller, ingress
from tests.flows.bed import place as account_of
from tests.kube import real
from tests.kube.real import Place
from tests.kube.wire import Wire, mirrored
from tests.role import Role

from albatross.catalog import kinds
from albatross.catalog.tracking import INGRESS, labels
from albatross.catalog.webhooks import BY_PATH
from albatross.catalog.webhooks import SERVICE as SERVICE_NAME
from albatross.controller.webhook import certificate
from albatross.install import webhooks
from albatross.install.installation import ACCOUNT, LEASE
from albatross.install.webhooks import Serving
from albatross.kube import bindings, crds, patch
from albatross.kube.bindings import Bindings
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross.kube.errors import KubeConflict, KubeInvalid
from albatross.kube.events import Event, Recorder
from albatross.kube.lease import Elector, Terms
from albatross.kube.patch import Finalizers
from albatross.model.ident import Ident
from albatross.model.plan import DeleteBinding, PutBinding
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, LoadBalancerIngress
from albatross.model.target import Gate
from albatross_sandbox.world import World
from albatross_sandbox.world.ingressclass import CLASS

if not real.ASSETS:
    pytest.skip(real.REASON, allow_module_level=True)

pytestmark = pytest.mark.xdist_group("real")

BACKEND = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
SERVICE = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
POD = {"containers": [{"name": "web", "image": "echo", "ports": [{"name": "http", "containerPort": 8080}]}]}
SPECS = {"Ingress": BACKEND, "Service": SERVICE, "Pod": POD}
OURS = frozenset({"ingress.k8s.aws/resources"})
TERMS = Terms(duration=3, deadline=2, retry=0.1)


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real.serving(tmp_path_factory.mktemp("real")) as file:
        yield file


@pytest.fixture
async def place(kubeconfig: str) -> AsyncIterator[Place]:
    access = load(kubeconfig, environ={})
    host, _, port = access.server.removeprefix("https://").partition(":")
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "real-"}}
    # Through a wire, which at the end cuts what watches that were cancelled have not quite closed.
    async with Wire((host, int(port))).listening() as wire, Client(replace(access, server=f"https://127.0.0.1:{wire.port}")) as client:
        yield Place(client, str((await client.create("/api/v1/namespaces", body))["metadata"]["name"]))


async def stored(place: Place, **metadata: Any) -> Ingress:
    found = kinds.parse(await place.make("Ingress", "app", spec=BACKEND, metadata=metadata))
    assert isinstance(found, Ingress)
    return found


# Definitions -----------------------------------------------------------------------------------------------------------


async def test_definitions_are_made_and_a_second_time_changes_nothing(place: Place) -> None:
    assert await crds.ensure(place.client) == ()
    before = await place.client.get(crds.COLLECTION)
    assert await crds.ensure(place.client) == ()
    after = await place.client.get(crds.COLLECTION)
    versions = [[item["metadata"]["resourceVersion"] for item in each["items"]] for each in (before, after)]
    assert versions[0] == versions[1]
    for item in after["items"]:
        conditions = {each["type"]: each["status"] for each in item["status"]["conditions"]}
        assert (conditions["Established"], conditions["NamesAccepted"]) == ("True", "True")
        assert "NonStructuralSchema" not in conditions


@pytest.mark.parametrize(
    "spec", [{"scheme": "outside"}, {"ipAddressType": "ipv5"}, {"subnets": {"ids": ["x"]}}, {"tags": "a=b"}, {"listeners": [{"port": "y"}]}]
)
async def test_parameters_that_break_the_schema_are_refused(place: Place, spec: dict[str, Any]) -> None:
    await crds.ensure(place.client)
    with pytest.raises(KubeInvalid) as caught:
        await place.make("IngressClassParams", "bad", spec=spec)
    assert caught.value.causes[0].startswith(f"spec.{next(iter(spec))}")


async def test_webhook_configurations_are_accepted_as_they_are(place: Place) -> None:
    await crds.ensure(place.client)
    pair = certificate.make(certificate.names(SERVICE_NAME, place.namespace), place.client.clock.utc())
    serving = Serving(namespace=place.namespace, bundle=pair.authority, user="admin", foreign=("nginx", "kong"))
    made = [*webhooks.configurations(serving, BY_PATH).items(), (False, webhooks.probe(serving))]
    for mutating, wanted in made:
        assert wanted is not None
        wanted["metadata"]["name"] += f"-{place.namespace}"  # the API server compiles the conditions, and refuses what is no CEL
        stored = await place.client.create(webhooks.COLLECTIONS[mutating], wanted)
        await place.client.delete(f"{webhooks.COLLECTIONS[mutating]}/{stored['metadata']['name']}")
        assert not webhooks.differs(wanted, stored)
        assert webhooks.bundle(stored) == pair.authority


# Watches ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(SPECS))
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "pages"])
async def test_lists_and_follows(place: Place, kind: str, streamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.make(kind, "a", spec=SPECS[kind])
    async with mirrored(place.client, kind, namespace=place.namespace) as mirror:
        assert mirror.names() == {"a"}
        assert mirror.reflector._watchlist
        if not streamed:
            mirror.reflector._watchlist, mirror.reflector._version = False, ""
            mirror.reflector.timing = replace(mirror.reflector.timing, shortest=1, longest=1)
        await place.make(kind, "b", spec=SPECS[kind])
        await until(lambda: mirror.names() == {"a", "b"})
        await place.client.delete(place.path(kind, "a"), {"gracePeriodSeconds": 0})
        await until(lambda: mirror.names() == {"b"})
        assert not mirror.reflector.counts["malformed"]


async def test_an_expired_version_lists_anew(place: Place) -> None:
    await place.make("Service", "a", spec=SERVICE)
    async with mirrored(place.client, "Service", namespace=place.namespace) as mirror:
        mirror.reflector._version = "1"
        await place.make("Service", "b", spec=SERVICE)
        await until(lambda: mirror.names() == {"a", "b"})


# What the sandbox's API server says too ------------------------------------------------------------------------------


async def test_another_uid_is_a_conflict_in_an_update_and_invalid_in_a_patch(place: Place) -> None:
    await stored(place)
    path = place.path("Ingress", "app")
    found = await place.client.get(path)
    with pytest.raises(KubeConflict):
        await place.client.replace(path, {**found, "metadata": {**found["metadata"], "uid": "other"}})
    with pytest.raises(KubeInvalid) as caught:
        await place.client.patch(path, {"metadata": {"uid": "other"}})
    assert caught.value.causes[0].startswith("metadata.uid:")


# Writes ----------------------------------------------------------------------------------------------------------------


async def test_finalizers_come_and_go_though_the_object_was_changed(place: Place) -> None:
    found = await stored(place, finalizers=["example.com/theirs"])
    path = place.path("Ingress", "app")
    await place.client.patch(path, {"metadata": {"labels": {"a": "b"}}})
    await patch.finalizers(place.client, "Ingress", found.metadata, Finalizers(add=OURS))
    assert (await place.client.get(path))["metadata"]["finalizers"] == ["example.com/theirs", *OURS]
    with pytest.raises(KubeConflict):
        await place.client.patch(path, {"metadata": {"resourceVersion": found.metadata.resource_version, "finalizers": None}})
    await place.client.delete(path)
    assert (await place.client.get(path))["metadata"]["deletionTimestamp"]
    await patch.finalizers(place.client, "Ingress", found.metadata, Finalizers(remove=frozenset({"example.com/theirs", *OURS})))
    await patch.finalizers(place.client, "Ingress", found.metadata, Finalizers(remove=OURS))  # gone
    assert (await place.client.get(place.path("Ingress")))["items"] == []


async def test_status_is_written_with_names_and_ports(place: Place) -> None:
    ident = Ident("Ingress", *(await stored(place)).metadata.key)
    entries: list[dict[str, Any]] = [{"hostname": "a.example", "ports": [{"port": 80, "protocol": ""}]}, {"hostname": "n.example"}]
    await patch.status(place.client, ident, {"loadBalancer": {"ingress": entries}})
    now = kinds.parse(await place.client.get(place.path("Ingress", "app")))
    assert isinstance(now, Ingress)
    assert now.status == (LoadBalancerIngress(hostname="a.example", ports=(80,)), LoadBalancerIngress(hostname="n.example"))
    await patch.status(place.client, ident, {"loadBalancer": {"ingress": []}})
    assert "ingress" not in (await place.client.get(place.path("Ingress", "app")))["status"]["loadBalancer"]


async def test_a_gate_is_written_to_its_pod_only(place: Place) -> None:
    gates = [{"conditionType": "target-health.elbv2.k8s.aws/t"}]
    pod = await place.make("Pod", "p", spec={**POD, "readinessGates": gates})
    gate = Gate((place.namespace, "p"), pod["metadata"]["uid"], gates[0]["conditionType"], "True", "Healthy", "")
    await patch.condition(place.client, gate, turned=True)
    (condition,) = (await place.client.get(place.path("Pod", "p")))["status"]["conditions"]
    assert (condition["status"], condition["reason"]) == ("True", "Healthy")
    await patch.condition(place.client, replace(gate, uid="another", status="False"), turned=True)
    assert (await place.client.get(place.path("Pod", "p")))["status"]["conditions"] == [condition]


async def test_bindings_are_made_changed_and_deleted(place: Place) -> None:
    await crds.ensure(place.client)
    stack = StackId(INGRESS, place.namespace, "app")
    wanted = Binding(
        id="group",
        namespace=place.namespace,
        name="k8s-web",
        labels=labels(stack),
        target_group="arn:tg",
        target_type="instance",
        service="web",
        port="http",
        networking=(NetworkingRule(source_group="sg-1", port=8080),),
        node_selector=(("role", "edge"),),
        vpc_id="vpc-01234567",
        protocol="HTTP",
    )
    path = place.path("TargetGroupBinding", "k8s-web")
    async with mirrored(place.client, "TargetGroupBinding", namespace=place.namespace) as mirror:
        doer = Bindings(place.client, mirror.cache)
        await doer.put(PutBinding(resource=wanted), stack, str)
        await until(mirror.names)
        assert (await place.client.get(path))["spec"] == bindings.spec(wanted, str)

        (seen,) = bindings.observe(mirror.cache.objects("TargetGroupBinding").values(), stack)
        changed = replace(wanted, port=81, networking=None, node_selector=(("zone", "a"),), protocol="")
        await doer.put(PutBinding(resource=changed, before=seen), stack, str)
        assert (await place.client.get(path))["spec"] == bindings.spec(changed, str)
        await patch.observed(place.client, mirror.cache.get("TargetGroupBinding", (place.namespace, "k8s-web")).metadata, 2)
        assert (await place.client.get(path))["status"] == {"observedGeneration": 2}

        await doer.delete(DeleteBinding(before=seen))
        await until(lambda: not mirror.names())


async def test_events_are_written_and_counted(place: Place) -> None:
    found = await stored(place)
    recorder = Recorder(place.client)
    task = asyncio.create_task(recorder.run())
    for message in ("no subnet", "no subnet", "x" * 2000):
        recorder.emit(Event("Ingress", found.metadata, "Warning", "FailedBuildModel", message))
    await recorder.flush()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    written = {event["message"]: event for event in await place.items("events")}
    assert {message: event["count"] for message, event in written.items()} == {"no subnet": 2, "x" * 1024: 1}
    assert written["no subnet"]["involvedObject"]["uid"] == found.metadata.uid


async def test_a_lease_is_held_and_handed_over(place: Place) -> None:
    path = f"/apis/coordination.k8s.io/v1/namespaces/{place.namespace}/leases/leader"
    ends = {"one": asyncio.Event(), "two": asyncio.Event()}
    led: list[str] = []

    async def campaign(name: str) -> bool:
        async def lead() -> None:
            led.append(name)
            await ends[name].wait()

        return await Elector(place.client, (place.namespace, "leader"), name, TERMS).run(lead)

    first = asyncio.create_task(campaign("one"))
    await until(lambda: led == ["one"])
    renewed = (await place.client.get(path))["spec"]["renewTime"]
    second = asyncio.create_task(campaign("two"))
    async with asyncio.timeout(10):
        while (await place.client.get(path))["spec"]["renewTime"] == renewed:
            pass
    assert led == ["one"]
    ends["one"].set()
    assert await first
    await until(lambda: led == ["one", "two"])
    spec = (await place.client.get(path))["spec"]
    assert (spec["holderIdentity"], spec["leaseTransitions"]) == ("two", 1)
    ends["two"].set()
    assert await second


# All of it -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """An AWS account of its own, whose addresses are not loopback, which no EndpointSlice may hold; what its ready line says."""
    folder = tmp_path_factory.mktemp("account")
    config = {"state": str(folder), "region": "eu-west-1", "cluster_name": "real", "cidr": "198.18.0.0/16"}
    (folder / "config.json").write_text(json.dumps(config))
    argv = (sys.executable, "-m", "albatross_sandbox.aws", "--config", str(folder / "config.json"))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    assert process.stdin is not None
    assert process.stdout is not None
    yield {**config, **json.loads(process.stdout.readline() or b"{}")}
    process.stdin.close()
    process.stdout.close()
    process.wait(20)


@pytest.fixture
async def bed(place: Place, kubeconfig: str, account: dict[str, Any], tmp_path: Path) -> AsyncIterator[Bed]:
    """The controller between that account and the real API server: no kubelet, no controllers of workloads, no data plane."""
    texts = dict.fromkeys(("domain", "envoy_status", "dns", "server"), "")
    kept = {name: account[name] for name in ("region", "cluster_name", "vpc_id", "cidr")}
    world = World(state=tmp_path, kubeconfig=kubeconfig, aws_endpoint=account["endpoint"], pids={}, details=account, **kept, **texts)
    role = Role.made(account_of(world), place.namespace)
    controller = Controller(world, tmp_path / "controller.log", kubeconfig, place.namespace, role)
    try:
        await place.client.create(kinds.KINDS["IngressClass"].path(), CLASS)
    except KubeConflict:
        pass
    controller.start("--watch-namespace", place.namespace, "--aws-vpc-id", world.vpc_id, "--leader-election-namespace", place.namespace)
    try:
        yield Bed(world, place.client, controller, place.namespace)
    finally:
        controller.stop()


def aws(bed: Bed, name: str) -> Any:
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    return boto3.client(name, endpoint_url=bed.world.aws_endpoint, region_name=bed.world.region, **keys)


async def backed(place: Place, bed: Bed) -> str:
    """A Service with one pod, as kubelet, CNI and the controllers of workloads would have written it; the pod's address."""
    node = bed.world.details["nodes"][0]
    made = aws(bed, "ec2").assign_private_ip_addresses(NetworkInterfaceId=node["eni_id"], SecondaryPrivateIpAddressCount=1)
    address = str(made["AssignedPrivateIpAddresses"][0]["PrivateIpAddress"])
    bed.call("addresses", {address: "127.9.9.9"})  # where health checks go instead; nobody answers there either
    await place.client.create(
        kinds.KINDS["Node"].path(),
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node["name"]}, "spec": {"providerID": node["provider_id"]}},
    )
    await place.make("Service", "web", spec=SERVICE)
    await place.make("Pod", "web", spec={**POD, "nodeName": node["name"]}, metadata={"labels": {"app": "web"}})
    ready = [{"type": "Ready", "status": "True"}, {"type": "ContainersReady", "status": "True"}]
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": ready}
    await place.client.patch(f"{place.path('Pod', 'web')}/status", {"status": status})
    endpoint = {
        "addresses": [address],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "nodeName": node["name"],
        "targetRef": {"kind": "Pod", "namespace": place.namespace, "name": "web"},
    }
    await place.make(
        "EndpointSlice",
        "web-1",
        metadata={"labels": {"kubernetes.io/service-name": "web"}},
        addressType="IPv4",
        endpoints=[endpoint],
        ports=[{"name": "http", "port": 8080, "protocol": "TCP"}],
    )
    return address


@pytest.mark.flow
async def test_an_ingress_gets_its_address_and_goes(place: Place, bed: Bed) -> None:
    address = await backed(place, bed)
    await bed.apply(ingress())
    hostname = await bed.address()
    elb = aws(bed, "elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    assert balancer["DNSName"] == hostname
    (group,) = elb.describe_target_groups()["TargetGroups"]

    def targets() -> list[str]:
        rows = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        return [row["Target"]["Id"] for row in rows]

    await until(lambda: targets() == [address])
    await bed.event("SuccessfullyReconciled")
    await bed.kubectl("delete", "ingress", "app", "--timeout=60s")
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    assert elb.describe_target_groups()["TargetGroups"] == []
    assert await bed.get("Ingress", "app") == {}
    assert bed.controller.stop() == 0
    assert not [line for line in bed.controller.lines() if line["level"] in ("error", "critical")]


async def account_kubeconfig(place: Place, kubeconfig: str, folder: Path) -> str:
    """A kubeconfig with a token of the ServiceAccount that the installation made, as a pod has it."""
    path = f"/api/v1/namespaces/{place.namespace}/serviceaccounts/{ACCOUNT}/token"
    made = await place.client.create(path, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
    found = json.loads(Path(kubeconfig).read_text())
    found["users"][0]["user"] = {"token": made["status"]["token"]}
    found["contexts"][0]["context"]["namespace"] = place.namespace
    file = folder / "account"
    file.write_text(json.dumps(found))
    return str(file)


@pytest.mark.flow
@pytest.mark.timeout(240)
async def test_an_installation_is_accepted_and_its_roles_suffice(place: Place, kubeconfig: str, bed: Bed, tmp_path: Path) -> None:
    """There is no kubelet, so the installation ends at its pods; a process with the rights of the ServiceAccount stands for them."""
    bed.controller.stop()
    given = ("--namespace", place.namespace, "--cluster-name", bed.world.cluster_name, "--vpc-id", bed.world.vpc_id)
    code, said = await bed.run(*CLI, "install", *given, "--yes", "--force", "--timeout", "1")
    assert (code, "LB737" in said, "the cluster to read the Deployment" in said) == (1, True, True), said
    code, said = await bed.run(*CLI, "install", *given, "--dry-run")
    assert code == 0, said  # what the API server adds to an object is no change

    await place.make("Service", "web", spec=SERVICE)
    bed.controller = replace(bed.controller, kubeconfig=await account_kubeconfig(place, kubeconfig, tmp_path), lease=LEASE)
    bed.controller.log.unlink()
    own = ("--webhook-bind-port", "0", "--watch-namespace", place.namespace, "--aws-vpc-id", bed.world.vpc_id)
    bed.controller.start("--manage-crds=false", *own)
    await bed.apply(ingress())
    await bed.address()
    assert [line for line in bed.controller.lines() if line["level"] in ("error", "critical")] == []
    assert [line for line in bed.controller.lines() if line["event"] == "problem"] == []
    await bed.kubectl("delete", "ingress", "app", "--timeout=60s")
    assert bed.controller.stop() == 0

    code, said = await bed.run(*CLI, "uninstall", "--namespace", place.namespace, "--yes")
    assert code == 0, said
    code, said = await bed.run(*CLI, "uninstall", "--namespace", place.namespace, "--yes")
    assert (code, said) == (0, "nothing to do\n")
