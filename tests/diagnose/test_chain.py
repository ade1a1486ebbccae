"""`doctor`: every link with a fault, without one, and without what it needs."""

from dataclasses import replace

from tests.diagnose.evident import (
    ARN,
    BALANCER,
    CLUSTER,
    LB,
    LEADER,
    PROVIDER,
    STACK,
    account,
    codes,
    deployment,
    everything,
    evident,
    words,
)

from albatross.catalog import crds
from albatross.diagnose import definitions, objects, quotas, reach, written
from albatross.diagnose.chain import CHAIN, FILES, examine
from albatross.diagnose.evidence import PARTS, AwsEvidence, Evidence, RoleDocuments, plans
from albatross.install import trust as trusted
from albatross.model.facts import Facts, RouteTables, SubnetsOfVpc
from albatross.model.observed import Observed, Owned
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule


def test_every_link_without_a_fault() -> None:
    found = examine(healthy())
    assert [(each.link.name, each.state) for each in found.links if each.state not in ("ok", "note")] == []
    assert found.code == 0
    assert [each.link.name for each in found.links] == [each.name for each in CHAIN]


def healthy() -> Evidence:
    role = RoleDocuments(name="lb", arn=ARN, trust=trusted.irsa(PROVIDER, LB), policies=(everything(),))
    known = AwsEvidence(cluster=CLUSTER, providers=(PROVIDER,), role=role, facts=Facts({SubnetsOfVpc(): (), RouteTables(): ()}))
    more = (deployment(), account(role_arn=ARN), *({**each, "kind": "CustomResourceDefinition"} for each in crds.definitions()))
    return evident(more=more, aws=known, leader=LEADER, version="v1.30.1")


def test_every_link_without_what_it_needs() -> None:
    found = examine(replace(healthy(), unseen=dict.fromkeys(PARTS, "no")))
    states = {each.link.name: each.state for each in found.links}
    assert states.pop("kubeconfig") == "error"
    assert set(states.values()) == {"not read"}
    assert found.code == 1
    found = examine(replace(healthy(), unseen={"quotas": "no"}))
    assert (found.code, "LB669" in [each.problem.code for link in found.links for each in link.causes]) == (3, True)


def test_files() -> None:
    wrong = account(policy_arn=ARN)
    found = examine(evident("kind: Ingress\nmetadata: {name: app, namespace: shop}\nspec: {ingressClassName: abl}", more=(wrong,)), FILES)
    assert codes(written.check(evident(more=(wrong,)))) == ["LB701"]
    assert (found.links[0].state, codes(found.links[0].causes)) == ("error", ["LB201", "LB701"])


# Cluster ---------------------------------------------------------------------------------------------------------------


def test_the_way_to_the_api() -> None:
    (found,) = reach.kubeconfig(evident(unseen={"kubeconfig": "no file", "cluster": "x"}))
    assert found.remedy.commands == ("aws eks update-kubeconfig --name prod-eks",)
    assert codes(reach.api(evident(unseen={"cluster": "refused"}))) == ["LB630"]
    (old,) = reach.version(evident(version="v1.21.3-eks-1"))
    assert (old.problem.code, words(old)["next"]) == ("LB631", "1.22")
    assert not list(reach.version(evident(version="")))
    assert reach.remark(evident(version="v1.30.1", server="https://x")) == "https://x runs Kubernetes v1.30.1"
    assert reach.remark(evident()) == ""


def test_definitions() -> None:
    assert codes(definitions.check(evident())) == ["LB632", "LB632"]
    binding, params = ({**each, "kind": "CustomResourceDefinition"} for each in crds.definitions())
    (version,) = (each for each in params["spec"]["versions"] if each["name"] == "v1beta1")
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    less = {"properties": {name: schema for name, schema in spec["properties"].items() if name != "wafv2AclArn"}}
    old = {**params, "spec": {"versions": [{"name": "v1beta1", "schema": {"openAPIV3Schema": {"properties": {"spec": less}}}}]}}
    (found,) = definitions.check(evident(more=(binding, old)))
    assert (found.problem.code, words(found)["fields"]) == ("LB633", "spec.wafv2AclArn")


# Quotas ----------------------------------------------------------------------------------------------------------------


def test_quotas() -> None:
    listener = Ref("Listener", "80", "arn")
    rules = tuple(
        Owned(resource=Rule(listener=listener, priority=n, id=str(n), actions=(), conditions=()), arn=f"r{n}", parent="l")
        for n in range(1, 3)
    )
    listeners = (
        Owned(
            resource=Listener(id="80", load_balancer=Ref("LoadBalancer", "x", "arn"), port=80, protocol="HTTP"), arn="l", parent="arn:lb"
        ),
    )
    observed = {
        STACK: Observed(load_balancers=(BALANCER,), listeners=listeners, rules=rules),
        replace(STACK, name="b"): Observed(load_balancers=(replace(BALANCER, arn="b"), replace(BALANCER, arn="c"))),
    }
    limits = {"application-load-balancers": 50, quotas.RULES: 2, quotas.GROUPS: 100, "target-groups": 10}
    evidence = evident(aws=AwsEvidence(observed=observed, quotas=limits, counts={"application-load-balancers": 50}))
    found = list(quotas.check(evidence))
    assert [words(each)["what"] for each in found] == ["application load balancers", "rules k8s-app"]
    assert quotas.table(evidence)[1:] == (
        ("application load balancers", "50", "50"),
        ("rules k8s-app", "2", "2"),
        ("target groups of the load balancer k8s-app", "0", "100"),
    )
    group = {"GroupId": "sg-1", "IpPermissions": [{"IpRanges": [1, 2], "Ipv6Ranges": [1], "UserIdGroupPairs": [1]}, {"PrefixListIds": [1]}]}
    more = {quotas.OPENINGS: 4, quotas.FIREWALLS: 5}
    firewalled = evident(aws=AwsEvidence(observed=observed, quotas=more, firewalls=(group,)))
    (full,) = quotas.check(firewalled)
    assert (words(full)["what"], words(full)["used"]) == ("inbound rules of security group sg-1", "4")
    assert "--service-code vpc" in words(full)["request"]
    assert quotas.openings({"GroupId": "sg-2"}) == 0
    held = replace(BALANCER, resource=replace(BALANCER.resource, security_groups=("sg-1", "sg-2")))
    of_groups = evident(aws=AwsEvidence(observed={STACK: Observed(load_balancers=(held,))}, quotas=more))
    assert quotas.table(of_groups)[1:] == (("security groups of the load balancer k8s-app", "2", "5"),)
    again = {**observed, replace(STACK, name="z"): Observed(load_balancers=(replace(BALANCER, arn="z"),))}
    assert len(quotas.table(evident(aws=AwsEvidence(observed=again, quotas=limits)))) == 3
    assert not list(quotas.check(evident(aws=AwsEvidence(observed=observed))))


# Objects ---------------------------------------------------------------------------------------------------------------


def test_objects() -> None:
    lost = evident("kind: Ingress\nmetadata: {name: app, namespace: shop}\nspec: {ingressClassName: abl}")
    (found,) = objects.check(lost)
    assert found.remedy.commands == ("albatross why ingress shop/app",)
    port = "kind: Ingress\nmetadata: {name: app, namespace: shop}\nspec: {defaultBackend: {service: {name: web, port: {number: 9}}}}"
    assert codes(objects.check(evident(port))) == ["LB666"]
    assert objects.remark(evident(port)) == "1 groups of objects, 1 errors"
    held = "kind: Ingress\nmetadata: {name: app, namespace: shop, deletionTimestamp: 'x', finalizers: [ingress.k8s.aws/resources]}"
    assert codes(objects.finalizers(evident(held))) == ["LB602"]
    assert not list(objects.dns(evident()))
    assert [each.group.id.name for each in plans(evident(held))] == []
