"""The real kubectl against a real TLS port."""

import json
import subprocess
from typing import Any

from packages.sandbox.tests.kube.conftest import Kubectl, Make

Obj = dict[str, Any]


def bare(*objects: Obj) -> list[Obj]:
    """Objects without a namespace: kubectl gives them its own."""
    for obj in objects:
        obj["metadata"].pop("namespace", None)
    return list(objects)


def test_typed_commands_send_protobuf(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "c", "--from-literal=a=b")
    kubectl("create", "secret", "generic", "s", "--from-literal=p=q")
    kubectl("create", "service", "nodeport", "svc", "--tcp=80:8080")
    kubectl("create", "ingress", "ing", "--class=alb", "--rule=a.example.com/x*=svc:80,tls=cert")
    kubectl("create", "deployment", "web", "--image=nginx", "--port=8080", "--replicas=2")
    kubectl("create", "serviceaccount", "bob")
    kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods")
    kubectl("create", "rolebinding", "bob", "--role=reader", f"--serviceaccount={kubectl.namespace}:bob")
    found = kubectl.json("get", "cm/c", "secret/s", "svc/svc", "ing/ing", "deploy/web", "sa/bob", "role/reader", "rolebinding/bob")
    config, secret, service, ingress, deployment, *_, binding = found["items"]
    assert (config["data"], secret["data"]) == ({"a": "b"}, {"p": "cQ=="})
    assert service["spec"]["ports"][0]["targetPort"] == 8080
    path = ingress["spec"]["rules"][0]["http"]["paths"][0]
    assert (path["path"], path["pathType"], ingress["spec"]["tls"]) == (
        "/x",
        "Prefix",
        [{"hosts": ["a.example.com"], "secretName": "cert"}],
    )
    assert (deployment["spec"]["replicas"], deployment["spec"]["template"]["spec"]["containers"][0]["image"]) == (2, "nginx")
    assert binding["subjects"][0]["name"] == "bob"
    assert len(kubectl("create", "token", "bob").strip()) > 20
    assert kubectl("auth", "can-i", "list", "pods").strip() == "yes"
    bob = f"--as=system:serviceaccount:{kubectl.namespace}:bob"
    assert kubectl("auth", "can-i", "list", "pods", bob).strip() == "yes"
    assert kubectl.run("auth", "can-i", "delete", "pods", bob).stdout.strip() == "no"


def test_apply_says_what_it_did(kubectl: Kubectl, make: Make) -> None:
    objects = bare(make.service("web"), make.ingress("web"), make.deployment("web"))
    assert kubectl("apply", "-f", "-", stdin=objects).splitlines() == [
        "service/web created",
        "ingress.networking.k8s.io/web created",
        "deployment.apps/web created",
    ]
    objects[2]["spec"]["replicas"] = 3
    done = kubectl.run("diff", "-f", "-", stdin=objects)
    assert done.returncode == 1
    assert "-  replicas: 1" in done.stdout
    assert [line.split()[1] for line in kubectl("apply", "-f", "-", stdin=objects).splitlines()] == ["unchanged", "unchanged", "configured"]
    assert kubectl.run("diff", "-f", "-", stdin=objects).returncode == 0


def test_apply_prunes_what_the_manifest_lost(kubectl: Kubectl, make: Make) -> None:
    service = make.service("web", ports=[{"name": "a", "port": 80}, {"name": "b", "port": 81}])
    service["metadata"]["labels"] = {"x": "y"}
    kubectl("apply", "-f", "-", stdin=bare(service))
    del service["metadata"]["labels"], service["spec"]["ports"][0]
    kubectl("apply", "-f", "-", stdin=bare(service))
    found = kubectl.json("get", "svc", "web")
    assert "labels" not in found["metadata"]
    assert [port["name"] for port in found["spec"]["ports"]] == ["b"]


def test_tables(kubectl: Kubectl, make: Make) -> None:
    pod = make.pod("p", readinessGates=[{"conditionType": "example.com/gate"}])
    kubectl("create", "-f", "-", stdin=bare(make.service("web", type="LoadBalancer"), make.ingress("web"), make.deployment("web"), pod))
    together = kubectl("get", "svc,ing,deploy,pod", "-o", "wide", "--no-headers")
    assert [line.split()[0] for line in together.splitlines() if line] == [
        "service/web",
        "ingress.networking.k8s.io/web",
        "deployment.apps/web",
        "pod/p",
    ]
    head, row = kubectl("get", "ing").splitlines()
    assert head.split() == ["NAME", "CLASS", "HOSTS", "ADDRESS", "PORTS", "AGE"]
    assert row.split()[:4] == ["web", "alb", "a.example.com", "80"]
    assert "<pending>" in kubectl("get", "svc", "web")
    head, row = kubectl("get", "pod", "-o", "wide").splitlines()
    assert head.split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED", "NODE", "READINESS", "GATES"]
    assert row.split()[1:4] == ["0/1", "Pending", "0"]
    assert row.split()[-1] == "0/1"
    assert kubectl("get", "ing", "web", "-o", "jsonpath={.spec.rules[0].host}") == "a.example.com"
    assert kubectl("get", "deploy", "-o", "name").strip() == "deployment.apps/web"
    assert "pathType: Prefix" in kubectl("get", "ing", "web", "-o", "yaml")


def test_describe_shows_events(kubectl: Kubectl, make: Make) -> None:
    kubectl("create", "-f", "-", stdin=bare(make.ingress("web"), make.service("web")))
    found = kubectl.json("get", "ing", "web")["metadata"]
    event = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "web.1"},
        "regarding": {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "namespace": kubectl.namespace,
            "name": "web",
            "uid": found["uid"],
        },
        "note": "it works",
        "reason": "Done",
        "type": "Normal",
        "action": "Reconcile",
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "example.com/c",
        "reportingInstance": "c-0",
    }
    kubectl("create", "-f", "-", stdin=bare(event))
    assert "it works" in kubectl("describe", "ing", "web")
    assert "it works" in kubectl("events", "--for", "ingress/web")
    assert "ingress/web" in kubectl("get", "events", "--field-selector", "involvedObject.name=web,type=Normal")


def test_edits(kubectl: Kubectl, make: Make) -> None:
    kubectl("create", "-f", "-", stdin=bare(make.deployment("web")))
    kubectl("label", "deploy", "web", "tier=front")
    kubectl("annotate", "deploy", "web", "note=x", "--overwrite")
    kubectl("scale", "deploy", "web", "--replicas=4")
    kubectl("set", "image", "deploy/web", "main=nginx:2")
    kubectl("set", "env", "deploy/web", "A=B")
    kubectl("rollout", "restart", "deploy/web")
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}
    kubectl("patch", "deploy", "web", "-p", json.dumps(strategic))
    kubectl("patch", "deploy", "web", "--type=json", "-p", '[{"op":"remove","path":"/metadata/labels/tier"}]')
    kubectl("patch", "deploy", "web", "--type=merge", "-p", '{"metadata":{"annotations":{"note":null}}}')
    found = kubectl.json("get", "deploy", "web")
    assert found["spec"]["replicas"] == 4
    images = {item["name"]: item["image"] for item in found["spec"]["template"]["spec"]["containers"]}
    assert images == {"main": "nginx:2", "side": "busybox"}
    assert not {"labels", "annotations"} & found["metadata"].keys()
    assert found["metadata"]["generation"] == 6


def test_rollout_follows_the_status(kubectl: Kubectl, make: Make) -> None:
    kubectl("create", "-f", "-", stdin=bare(make.deployment("web")))
    status = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1}
    condition = {"type": "Available", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "R", "message": ""}
    body = json.dumps({"status": {**status, "conditions": [condition]}})
    kubectl("patch", "deploy", "web", "--subresource=status", "--type=merge", "-p", body)
    assert "successfully rolled out" in kubectl("rollout", "status", "deploy/web", "--timeout=30s")
    kubectl("wait", "--for=condition=Available", "deploy/web", "--timeout=30s")
    assert "timed out" in kubectl.fails("wait", "--for=condition=Progressing", "deploy/web", "--timeout=300ms")


def test_server_side_apply_guards_fields(kubectl: Kubectl, make: Make) -> None:
    [deployment] = bare(make.deployment("web"))
    kubectl("apply", "--server-side", "--field-manager=one", "-f", "-", stdin=deployment)
    deployment["spec"]["replicas"] = 5
    said = kubectl.fails("apply", "--server-side", "--field-manager=two", "-f", "-", stdin=deployment)
    assert 'Apply failed with 1 conflict: conflict with "one": .spec.replicas' in said
    kubectl("apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", "-", stdin=deployment)
    del deployment["spec"]["replicas"]
    kubectl("apply", "--server-side", "--field-manager=one", "-f", "-", stdin=deployment)
    found = kubectl.json("get", "deploy", "web", "--show-managed-fields")
    assert found["spec"]["replicas"] == 5
    owners = {item["manager"]: "f:replicas" in item["fieldsV1"]["f:spec"] for item in found["metadata"]["managedFields"]}
    assert owners == {"one": False, "two": True}
    kubectl("scale", "deploy", "web", "--replicas=1")
    said = kubectl.fails("apply", "--server-side", "--field-manager=three", "-f", "-", stdin={**deployment, "spec": {"replicas": 9}})
    assert "using apps/v1: .spec.replicas" in said


def test_server_side_apply_removes_what_it_no_longer_says(kubectl: Kubectl, make: Make) -> None:
    [service] = bare(make.service("web", ports=[{"name": "a", "port": 80}, {"name": "b", "port": 81}]))
    service["metadata"]["labels"] = {"x": "y", "z": "q"}
    kubectl("apply", "--server-side", "-f", "-", stdin=service)
    service["metadata"]["labels"] = {"z": "q"}
    service["spec"]["ports"].pop()
    kubectl("apply", "--server-side", "-f", "-", stdin=service)
    found = kubectl.json("get", "svc", "web")
    assert found["metadata"]["labels"] == {"z": "q"}
    assert [port["name"] for port in found["spec"]["ports"]] == ["a"]


def test_what_is_wrong_is_listed_by_field(kubectl: Kubectl, make: Make) -> None:
    ingress = make.ingress("web", rules=[{"host": "1.2.3.4", "http": {"paths": [{"path": "x", "pathType": "Prefix", "backend": {}}]}}])
    said = kubectl.fails("apply", "-f", "-", stdin=bare(ingress))
    assert said.splitlines() == [
        'The Ingress "web" is invalid: ',
        '* spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
        '* spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
        '* spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
    ]
    [service] = bare(make.service("web"))
    service["spec"]["bogus"] = 1
    assert 'strict decoding error: unknown field "spec.bogus"' in kubectl.fails("apply", "-f", "-", stdin=service)
    assert 'Warning: unknown field "spec.bogus"' in kubectl.run("apply", "--validate=warn", "-f", "-", stdin=service).stderr
    assert "AlreadyExists" in kubectl.fails("create", "-f", "-", stdin=service | {"spec": {"ports": [{"port": 80}]}})
    assert "NotFound" in kubectl.fails("get", "pod", "nope")


def test_custom_resources(kubectl: Kubectl, make: Make) -> None:
    group = f"{kubectl.namespace}.example.com"
    kubectl("apply", "-f", "-", stdin=make.definition("gadgets", "Gadget", group))
    kubectl("wait", "--for=condition=Established", f"crd/gadgets.{group}", "--timeout=30s")
    gadget = {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"size": 3}}
    kubectl("apply", "-f", "-", stdin=gadget)
    status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'
    kubectl("patch", "gadget", "g", "--subresource=status", "--type=merge", "-p", status)
    kubectl("wait", "--for=condition=Ready", "gadget/g", "--timeout=30s")
    head, row = kubectl("get", f"gadgets.{group}").splitlines()
    assert (head.split(), row.split()[:3]) == (["NAME", "SIZE", "READY"], ["g", "3", "True"])
    kubectl("scale", "gadget", "g", "--replicas=5")
    assert (
        kubectl("get", f"gadgets.v1beta1.{group}", "g", "-o", "jsonpath={.apiVersion} {.spec.size} {.spec.color}")
        == f"{group}/v1beta1 5 red"
    )
    assert "size\t<integer> -required-" in kubectl("explain", "gadgets.spec", "--api-version", f"{group}/v1")
    gadget["spec"] = {"size": 30}
    assert "should be less than or equal to 9" in kubectl.fails("apply", "-f", "-", stdin=gadget)
    kubectl("delete", "crd", f"gadgets.{group}")
    kubectl.fails("get", f"gadgets.{group}")


def test_what_the_server_has(kubectl: Kubectl) -> None:
    listed = kubectl("api-resources", "--no-headers")
    assert {"ingresses", "endpointslices", "customresourcedefinitions", "leases"} <= {line.split()[0] for line in listed.splitlines()}
    assert "FIELD: rules <[]IngressRule>" in kubectl("explain", "ingress.spec.rules")
    assert "Server Version: v1.37" in kubectl("version")
    assert "kubernetes-admin" in kubectl("auth", "whoami")


def test_deleting(kubectl: Kubectl, make: Make) -> None:
    kubectl("create", "-f", "-", stdin=bare(make.config_map("parent"), make.pod("p"), make.pod("q")))
    uid = kubectl.json("get", "cm", "parent")["metadata"]["uid"]
    child = make.config_map("child")
    child["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "parent", "uid": uid}]
    kubectl("create", "-f", "-", stdin=bare(child))
    kubectl("delete", "cm", "parent", "--cascade=foreground")
    assert kubectl("get", "cm", "-o", "name").split() == ["configmap/kube-root-ca.crt"]
    kubectl("delete", "pod", "-l", "app=p")
    kubectl("delete", "pod", "--all")
    kubectl("delete", "namespace", kubectl.namespace)
    assert "NotFound" in kubectl.fails("get", "namespace", kubectl.namespace)


def test_run_expose_replace_and_cordon(kubectl: Kubectl, make: Make) -> None:
    kubectl("run", "p", "--image=nginx", "--port=80", "--labels=app=p")
    kubectl("expose", "pod", "p", "--port=80", "--target-port=8080")
    assert kubectl("get", "svc", "p", "-o", "jsonpath={.spec.selector.app} {.spec.ports[0].targetPort}") == "p 8080"
    found = kubectl.json("get", "svc", "p")
    found["spec"]["ports"][0]["targetPort"] = 9090
    kubectl("replace", "-f", "-", stdin=found)
    found["metadata"]["resourceVersion"] = "1"
    assert "Conflict" in kubectl.fails("replace", "-f", "-", stdin=found)
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": kubectl.namespace}}
    kubectl("create", "-f", "-", stdin=node)
    kubectl("cordon", kubectl.namespace)
    assert "SchedulingDisabled" in kubectl("get", "node", kubectl.namespace)
    kubectl("drain", kubectl.namespace)


def test_a_watch_prints_changes(kubectl: Kubectl, make: Make) -> None:
    kubectl("create", "-f", "-", stdin=bare(make.config_map("c")))
    command = [*kubectl.run("version").args[:3], "get", "configmap", "c", "--watch", "--no-headers"]
    with subprocess.Popen(command, env=kubectl.environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        try:
            assert child.stdout.readline().split()[:2] == ["c", "0"]
            kubectl("patch", "cm", "c", "-p", '{"data":{"a":"b"}}')
            assert child.stdout.readline().split()[:2] == ["c", "1"]
        finally:
            child.terminate()
