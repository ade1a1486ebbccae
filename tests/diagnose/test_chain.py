"""`doctor`: every link with a fault, without one, and without what it needs."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.diagnose.evident import BALANCER, LEADER, NOW, STACK, account, codes, deployment, evident, pod, words
from tests.world import ACCOUNT, CONFIG

from albatross.catalog import crds
from albatross.catalog.identity import Principal
from albatross.diagnose import (
    certificates,
    definitions,
    hooks,
    identity,
    metadata,
    objects,
    overlay,
    policy,
    ports,
    quotas,
    reach,
    subnets,
    tags,
    trust,
    written,
)
from albatross.diagnose.chain import CHAIN, FILES, examine
from albatross.diagnose.evidence import PARTS, Authority, AwsEvidence, Evidence, RoleDocuments, plans
from albatross.install import policy as needed
from albatross.install import trust as trusted
from albatross.install.trust import Account
from albatross.model.facts import Facts, RouteTable, RouteTables, Subnet, SubnetsOfVpc
from albatross.model.observed import Observed, Owned
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule

ARN = "arn:aws:iam::123456789012:role/lb"
ISSUER = "oidc.eks.ap-northeast-2.amazonaws.com/id/A"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
CLUSTER = {
    "arn": "arn:aws:eks:r:1:cluster/prod-eks",
    "identity": {"oidc": {"issuer": f"https://{ISSUER}"}},
    "resourcesVpcConfig": {"clusterSecurityGroupId": "sg-cluster"},
}
LB = Account(namespace="kube-system", name="lb")


def installed(*more: Any, leader: Principal | None = None, **aws: Any) -> Evidence:
    return evident(more=(deployment(), *more), leader=leader, aws=AwsEvidence(cluster=CLUSTER, **aws))


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


def everything() -> dict[str, Any]:
    return needed.document(needed.statements((), "prod-eks", "account"))


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


# Identity --------------------------------------------------------------------------------------------------------------


def test_the_service_account() -> None:
    assert codes(identity.check(installed())) == ["LB640"]
    assert identity.remark(installed(account())) == "ServiceAccount kube-system/lb: no role in an annotation"
    assert identity.remark(evident()) == ""
    wrong = installed(account(policy_arn=ARN))
    (found,) = identity.check(wrong)
    assert (found.problem.code, found.severity) == ("LB701", "error")
    assert found.remedy.commands[-1] == "kubectl rollout restart deployment -n kube-system albatross"
    assert not list(identity.role(wrong))
    both = installed(account(policy_arn=ARN), associations=({"roleArn": ARN},))
    assert [each.severity for each in identity.check(both)] == ["warning"]
    assert not list(identity.check(evident()))


def test_no_role_at_all() -> None:
    (found,) = identity.role(installed(account()))
    assert found.problem.code == "LB645"
    assert found.remedy.commands[1].startswith("aws eks create-pod-identity-association --cluster-name prod-eks")
    assert codes(identity.role(installed())) == ["LB645"]
    assert not list(identity.role(installed(account(role_arn=ARN))))
    assert not list(identity.role(evident()))


def test_pods() -> None:
    node = Principal(kind="node", arn="arn:aws:sts::1:assumed-role/nodes/i-1", account="1")
    assert codes(identity.pods(installed(account(), leader=node))) == ["LB705"]
    assert not list(identity.pods(installed(leader=LEADER)))
    assert not list(identity.pods(evident()))
    own = pod("albatross-1", "kube-system")
    own["metadata"]["labels"] = {"app": "albatross"}
    (found,) = identity.pods(installed(account(role_arn=ARN), own))
    assert (found.problem.code, words(found)["variable"]) == ("LB647", "AWS_ROLE_ARN")
    (found,) = identity.pods(installed(account(), own, associations=({"roleArn": ARN},)))
    assert words(found)["variable"] == "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    assert not list(identity.pods(installed(account(), own)))
    given = pod("albatross-1", "kube-system", container={"env": [{"name": "AWS_ROLE_ARN", "value": ARN}]})
    given["metadata"]["labels"] = {"app": "albatross"}
    assert not list(identity.pods(installed(account(role_arn=ARN), given)))
    assert identity.said(installed(leader=LEADER)).startswith("the leader is arn:aws:sts")
    assert identity.said(installed()) == ""


def test_instance_metadata() -> None:
    near = ({"InstanceId": "i-1", "MetadataOptions": {"HttpPutResponseHopLimit": 1}}, {"InstanceId": "i-2"})
    (found,) = metadata.check(installed(account(), instances=near))
    assert (found.problem.code, words(found)["nodes"]) == ("LB646", "i-1")
    assert not list(metadata.check(installed(account(role_arn=ARN), instances=near)))
    assert not list(metadata.check(installed(account(), instances=near[1:])))


def test_the_oidc_provider() -> None:
    (found,) = trust.provider(installed(account(role_arn=ARN)))
    assert found.remedy.commands[0].startswith(f"aws iam create-open-id-connect-provider --url https://{ISSUER}")
    assert not list(trust.provider(installed(account(role_arn=ARN), providers=(PROVIDER,))))
    assert not list(trust.provider(installed(account())))
    assert trust.remark(installed()) == f"issuer {ISSUER}"
    assert trust.remark(evident()) == ""


def statement(**given: Any) -> dict[str, Any]:
    right = trusted.irsa(PROVIDER, LB)["Statement"][0]
    return {"Version": "2012-10-17", "Statement": {**right, **given}}


SUB, AUD = f"{ISSUER}:sub", f"{ISSUER}:aud"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (statement(), None),
        (statement(Condition={"StringLike": {SUB: "system:serviceaccount:*:lb"}}), None),
        (statement(Condition={"StringEquals": {AUD: ["x", "sts.amazonaws.com"], "aws:SourceIp": "1"}}), None),
        (statement(Condition=None), None),
        (statement(Principal="*"), None),
        (
            statement(Condition={"StringEquals": {SUB: "system:serviceaccount:default:lb"}}),
            f"{SUB} must be system:serviceaccount:default:lb",
        ),
        (statement(Condition={"StringEquals": {SUB: "system:serviceaccount:*:lb"}}), f"{SUB} must be"),
        (statement(Condition={"StringLike": {SUB: "system:serviceaccount:default:*"}}), f"{SUB} must be system:serviceaccount:default:*"),
        (statement(Condition={"StringEquals": {"oidc.eks/id/B:sub": "x"}}), "which is the issuer of another cluster"),
        (statement(Principal={"Service": "ec2.amazonaws.com"}), "it trusts"),
        (statement(Principal=None), "it trusts"),
        (statement(Action="sts:AssumeRole"), "no statement allows sts:AssumeRoleWithWebIdentity"),
        (statement(Effect="Deny"), "no statement allows"),
        ({}, "it has no statement"),
    ],
)
def test_trust_policies(document: dict[str, Any], reason: str | None) -> None:
    role = RoleDocuments(name="lb", arn=ARN, trust=document)
    found = list(trust.check(installed(account(role_arn=ARN), providers=(PROVIDER,), role=role)))
    assert codes(found) == ([] if reason is None else ["LB642"])
    for each in found:
        assert str(reason) in words(each)["reason"]
        assert "+" in each.remedy.diff
        assert each.remedy.commands[0].startswith("aws iam update-assume-role-policy --role-name lb")


def test_roles() -> None:
    missing = installed(account(role_arn=ARN), role=RoleDocuments(name="lb"))
    assert codes(trust.check(missing)) == ["LB643"]
    pods = RoleDocuments(name="lb", arn=ARN, trust=trusted.pod_identity(str(CLUSTER["arn"]), LB))
    assert not list(trust.check(installed(account(), associations=({"roleArn": ARN},), role=pods)))
    assert not list(trust.check(installed(account())))
    unknown = installed(account(role_arn="ROLE"), role=RoleDocuments(name="lb", arn=ARN, trust={}))
    (found,) = trust.check(unknown)
    assert "arn:aws:iam::ACCOUNT:oidc-provider" in found.remedy.diff
    (found,) = trust.check(installed(account(role_arn=ARN), role=RoleDocuments(name="lb", arn=ARN, trust={})))
    assert PROVIDER in found.remedy.diff


def test_policies() -> None:
    some = [each for each in everything()["Statement"] if each["Sid"] != everything()["Statement"][0]["Sid"]]
    lacks = installed(account(role_arn=ARN), role=RoleDocuments(name="lb", arn=ARN, policies=({"Statement": some},)))
    (found,) = policy.check(lacks)
    assert (found.problem.code, len(found.look)) == ("LB644", 5)
    assert words(found)["more"].endswith("more")
    assert not list(policy.check(installed()))
    assert not list(policy.check(installed(role=RoleDocuments(name="lb"))))
    assert policy.remark(installed()) == ""
    one = everything()
    first = one["Statement"][0]["Action"].pop()
    (found,) = policy.check(installed(role=RoleDocuments(name="lb", arn=ARN, policies=(one,))))
    assert (words(found)["actions"], words(found)["more"]) == (first, "")


# Network ---------------------------------------------------------------------------------------------------------------

VPC = CONFIG.vpc_id
ELB, INTERNAL, OWN = "kubernetes.io/role/elb", "kubernetes.io/role/internal-elb", "kubernetes.io/cluster/prod-eks"


def subnet(id: str, zone: str, free: int = 100, **tagged: Any) -> Subnet:
    names = {"elb": ELB, "internal": INTERNAL, "own": OWN, "other": "kubernetes.io/cluster/other"}
    return Subnet(id=f"subnet-{id}", vpc_id=VPC, zone=zone, available_ips=free, tags={names[key]: value for key, value in tagged.items()})


def network(*found: Subnet) -> Evidence:
    public = tuple(each.id for each in found if each.id.startswith("subnet-p"))
    tables = (RouteTable(id="rtb-p", public=True, subnet_ids=public), RouteTable(id="rtb-m", main=True))
    return evident(aws=AwsEvidence(facts=Facts({SubnetsOfVpc(): found, RouteTables(): tables})))


def both(scheme: str, letter: str) -> tuple[Subnet, Subnet]:
    one: Any = {scheme: "1"}
    other: Any = {scheme: ""}
    return subnet(f"{letter}1", "a", **one), subnet(f"{letter}2", "b", **other)


def test_subnets() -> None:
    right = (*both("elb", "p"), *both("internal", "i"))
    assert not list(subnets.check(network(*right)))
    head, *rows = subnets.table(network(*right))
    assert (len(head), len(rows), rows[0][-1]) == (7, 4, "for internal")
    assert codes(subnets.check(network(*both("elb", "p"), subnet("i1", "a")))) == ["LB650"]
    untagged = list(subnets.check(network(subnet("p1", "a"), subnet("p2", "b"))))
    assert [words(each)["scheme"] for each in untagged] == ["internal", "internet-facing"]
    assert "no subnet has the routes" in words(untagged[0])["instead"]
    assert "by its routes it would use subnet-p1, subnet-p2" in words(untagged[1])["instead"]
    assert codes(subnets.check(network(*right, subnet("p3", "c", 3, elb="1")))) == ["LB651"]
    assert codes(subnets.check(network(*right, subnet("i3", "c", elb="1")))) == ["LB652"]
    assert codes(subnets.check(network(*right, subnet("i3", "c", other="shared")))) == ["LB653"]
    assert codes(subnets.check(network(right[0], *right[2:]))) == ["LB654"]
    assert not list(subnets.check(network()))
    verdicts = [
        row[-1] for row in subnets.table(network(subnet("p1", "a", 3), subnet("p2", "a", other="1", own="1"), subnet("i2", "b", elb="1")))
    ]
    assert [each.partition(":")[0].partition(",")[0] for each in verdicts[1:]] == [
        "not used",
        "no role tag; its routes are for internet-facing",
        "tagged for internet-facing",
    ]
    foreign = subnets.table(network(subnet("i3", "c", other="shared")))
    assert foreign[1][-1] == "not used: tagged for other"


NODE = ({"InstanceId": "i-1", "SecurityGroups": [{"GroupId": "sg-cluster"}, {"GroupId": "sg-node"}]},)


def group(id: str, *permissions: dict[str, Any], tagged: bool = True) -> dict[str, Any]:
    return {"GroupId": id, "Tags": [{"Key": OWN, "Value": "owned"}] if tagged else [], "IpPermissions": list(permissions)}


def test_security_groups() -> None:
    (found,) = tags.check(installed(instances=NODE, firewalls=(group("sg-cluster"), group("sg-node"))))
    assert (found.problem.code, "--resources sg-node" in found.remedy.commands[0]) == ("LB655", True)
    assert not list(tags.check(installed(instances=NODE, firewalls=(group("sg-cluster"), group("sg-node", tagged=False)))))


def hook(**client: Any) -> dict[str, Any]:
    service = {"service": {"namespace": "kube-system", "name": "albatross-webhook-service"}}
    config = {"metadata": {"name": "albatross-webhook"}, "kind": "ValidatingWebhookConfiguration"}
    return {**config, "webhooks": [{"name": "vingress.elbv2.k8s.aws", "clientConfig": {**service, **client}}]}


def test_the_port_of_the_webhooks() -> None:
    shut: Any = {"instances": NODE, "firewalls": (group("sg-cluster"), group("sg-node"))}
    (found,) = ports.check(installed(hook(), **shut))
    assert found.problem.code == "LB656"
    assert found.remedy.commands[0].endswith("--port 9443 --source-group sg-cluster")
    allowed = {"IpProtocol": "tcp", "FromPort": 1025, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": "sg-cluster"}]}
    assert not list(ports.check(installed(hook(), instances=NODE, firewalls=(group("sg-cluster"), group("sg-node", allowed)))))
    assert not list(ports.check(installed(**shut)))
    assert not list(ports.check(evident(more=(deployment(), hook()))))


def test_pods_outside_of_the_vpc() -> None:
    (found,) = overlay.check(evident(more=(pod(ip=""), pod(ip="192.0.2.1"))))
    assert (found.problem.code, words(found)["address"]) == ("LB657", "192.0.2.1")
    inside = ACCOUNT["ec2.DescribeVpcs"][0]["CidrBlock"].partition("/")[0]
    assert not list(overlay.check(evident(more=(pod(ip=inside),))))


# Webhooks, certificates, quotas ------------------------------------------------------------------------------------------


def authority(ends: float, signs: bool | None = None) -> dict[str, tuple[Authority, ...]]:
    return {"ValidatingWebhookConfiguration/albatross-webhook": (Authority(name="ca", begins=0, ends=ends, signs=signs),)}


READY = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"namespace": "kube-system", "name": "x", "labels": {"kubernetes.io/service-name": "albatross-webhook-service"}},
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["10.0.0.1"]}],
}


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (authority(NOW - 1), ["LB662"]),
        (authority(NOW + 1, False), ["LB663"]),
        (authority(NOW + 1, True), []),
        (authority(NOW + 1), []),
        ({}, []),
    ],
)
def test_the_ca_of_webhooks(known: Any, code: list[str]) -> None:
    evidence = evident(more=(deployment(), hook(), READY), authorities=known)
    assert codes(hooks.check(evidence)) == code
    alone = evident(more=(hook(), READY), authorities=known)
    commands = [each.remedy.commands[0] for each in hooks.check(alone)]
    assert commands == ["kubectl delete validatingwebhookconfiguration albatross-webhook"] * len(code)


def test_webhooks_that_nobody_answers() -> None:
    (found,) = hooks.check(evident(more=(deployment(), hook())))
    assert (found.problem.code, words(found)["policy"]) == ("LB664", "Fail")
    (alone,) = hooks.check(evident(more=(hook(),)))
    assert alone.remedy.commands == ("kubectl delete validatingwebhookconfiguration albatross-webhook",)
    assert not list(hooks.check(evident(more=(hook(service=None, url="https://x"),))))
    other = {**hook(), "webhooks": [{"name": "x.example.com", "clientConfig": {}}]}
    assert not list(hooks.check(evident(more=(other,))))
    assert hooks.remark(evident(more=(hook(),))) == "albatross-webhook"
    assert hooks.remark(evident()).startswith("no webhooks of Albatross")


def certificate(**given: Any) -> dict[str, Any]:
    return {"CertificateArn": HERE, "DomainName": "www.example.com", "Status": "ISSUED", "Type": "AMAZON_ISSUED", **given}


HERE = "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"
SOON = datetime.fromtimestamp(NOW + 5 * 86400, UTC)


@pytest.mark.parametrize(
    ("arn", "given", "code", "said"),
    [
        (HERE, certificate(), [], ""),
        (HERE, certificate(NotAfter=SOON, InUseBy=["x"]), [], ""),
        (HERE, certificate(NotAfter=SOON, Type="IMPORTED"), ["LB661"], "it was imported"),
        (HERE, certificate(NotAfter=SOON.isoformat()), ["LB661"], "nobody uses it"),
        (HERE, certificate(Status="PENDING_VALIDATION"), ["LB660"], "its status is PENDING_VALIDATION"),
        (HERE, certificate(KeyAlgorithm="EC_secp999"), ["LB660"], "load balancers do not support its key"),
        (HERE, certificate(KeyAlgorithm="RSA-2048"), [], ""),
        (HERE.replace("/1", "/2"), certificate(), ["LB660"], "it does not exist"),
        (HERE.replace("ap-northeast-2", "us-east-1"), certificate(), ["LB660"], "it is in Region us-east-1"),
        ("arn:aws:iam::123456789012:server-certificate/x", certificate(), [], ""),
    ],
)
def test_certificates(arn: str, given: dict[str, Any], code: list[str], said: str) -> None:
    named = f"kind: Ingress\nmetadata: {{name: app, namespace: shop, annotations: {{alb.ingress.kubernetes.io/certificate-arn: '{arn}'}}}}"
    evidence = evident(named, aws=AwsEvidence(certificates=(given,)))
    found = list(certificates.check(evidence))
    assert codes(found) == code
    assert all(said in words(each)["reason"] for each in found)
    assert certificates.remark(evidence) == "1 certificates are named by annotations, 1 exist in ACM"


def test_hosts_that_no_certificate_covers() -> None:
    named = f"kind: Ingress\nmetadata: {{name: app, namespace: shop, annotations: {{alb.ingress.kubernetes.io/certificate-arn: '{HERE}'}}}}"
    other = certificate(SubjectAlternativeNames=["api.example.com"])
    (found,) = certificates.check(evident(named, aws=AwsEvidence(certificates=(other,))))
    assert (found.problem.code, words(found)["host"]) == ("LB659", "www.example.com")
    wide = certificate(SubjectAlternativeNames=["*.example.com"])
    assert not list(certificates.check(evident(named, aws=AwsEvidence(certificates=(wide,)))))


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
