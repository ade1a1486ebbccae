"""`why`: the first cause of one object."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.diagnose.evident import APP, BALANCER, DNS, LEADER, NOW, STACK, codes, deployment, evident, pod, words

from albatross.catalog import good, tracking
from albatross.catalog.good import Good
from albatross.catalog.problems import message, sentence
from albatross.catalog.tracking import LAST_GOOD
from albatross.diagnose import balancer, controllers, events, existence, manifest, names, ownership
from albatross.diagnose.cause import Cause, cause, ordered
from albatross.diagnose.evidence import AwsEvidence, Evidence, Ident, Origin, surveyed
from albatross.diagnose.subject import diagnose
from albatross.model.facts import CertificateFact, Certificates, Facts, HostedZone, HostedZones, RecordFact, RefusedAnswer
from albatross.model.observed import Observed
from albatross.model.problem import Problem

CLASSED = "kind: Ingress\nmetadata: {name: app, namespace: shop}\nspec: {ingressClassName: %s}"
ANNOTATED = 'kind: Ingress\nmetadata: {name: app, namespace: shop, annotations: {%s: "%s"}}'
CLASS = (
    'kind: Ingress\nmetadata: {name: app, namespace: shop, annotations: {kubernetes.io/ingress.class: "%s"}}\n'
    "spec: {ingressClassName: null}"
)
GONE = "kind: IngressClass\nmetadata: {name: %s}\nspec: {controller: %s}"
HELD = (
    "kind: Ingress\nmetadata: {name: app, namespace: shop, deletionTimestamp: '2026-01-01T00:00:00Z', "
    "finalizers: [ingress.k8s.aws/resources]}"
)
ALB = "alb.ingress.kubernetes.io/"
STATUS = f"kind: Ingress\nmetadata: {{name: app, namespace: shop}}\nstatus: {{loadBalancer: {{ingress: [{{hostname: {DNS}}}]}}}}"


def event(
    message: str, reason: str = "FailedDeployModel", type: str = "Warning", at: str = "2026-01-02T00:00:00Z", count: int = 1
) -> dict[str, Any]:
    about = {"kind": "Ingress", "namespace": "shop", "name": "app"}
    head = {"namespace": "shop", "name": f"e{at}"}
    return {
        "kind": "Event",
        "metadata": head,
        "involvedObject": about,
        "reason": reason,
        "type": type,
        "message": message,
        "lastTimestamp": at,
        "count": count,
    }


def healthy(**more: Any) -> Evidence:
    return evident(STATUS, more=(deployment(),), leader=LEADER, **more)


def test_a_healthy_object() -> None:
    found = diagnose(healthy(), APP)
    assert (found.code, codes(found.causes)) == (0, [])
    assert found.facts == (f"load balancer k8s-app is active: {DNS}",)


def test_an_object_that_does_not_exist() -> None:
    (found,) = diagnose(healthy(), Ident("Ingress", "default", "app")).causes
    assert message(found.problem) == "Ingress default/app does not exist; did you mean shop/app?"
    (other,) = diagnose(healthy(), Ident("Ingress", "default", "zzz")).causes
    assert message(other.problem) == "Ingress default/zzz does not exist"


def test_what_could_not_be_read() -> None:
    assert diagnose(replace(healthy(), unseen={"objects": "no"}), APP).code == 3
    found = diagnose(replace(healthy(), unseen={"health": "denied"}), APP)
    assert (found.code, found.unseen) == (3, {"targets": "denied"})
    refused = diagnose(replace(healthy(), unseen={"facts": "AccessDenied"}), APP)
    assert refused.unseen == {"what the object needs to know of AWS": "AccessDenied"}


# Ownership -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patches", "reason", "command"),
    [
        ((CLASSED % "abl",), 'IngressClass "abl" does not exist', '{"spec": {"ingressClassName": "alb"}}'),
        (
            (CLASSED % "nginx", GONE % ("nginx", "k8s.io/nginx")),
            "its class nginx belongs to k8s.io/nginx",
            "kubectl patch ingress -n shop app",
        ),
        ((CLASSED % "x", GONE % ("x", "''")), "its class x belongs to no controller", '"alb"'),
        ((CLASS % "nginx",), 'its annotation kubernetes.io/ingress.class is "nginx"', "kubernetes.io/ingress.class=alb --overwrite"),
        ((CLASSED % "null",), "it names no class, and no IngressClass is the default", '{"spec": {"ingressClassName": "alb"}}'),
    ],
)
def test_nobody_claims_it(patches: tuple[str, ...], reason: str, command: str) -> None:
    (found,) = ownership.check(evident(*patches, more=(deployment(),)), APP)
    assert reason in words(found)["reason"]
    assert command in found.remedy.commands[0]
    assert "Albatross 1 (kube-system/albatross, 1 of 1 ready)" in words(found)["controllers"]


def test_without_a_class_of_ours_it_is_created() -> None:
    evidence = evident(CLASSED % "abl")
    snapshot = replace(evidence.snapshot, ingress_classes={})
    (found,) = ownership.check(replace(evidence, snapshot=snapshot), APP)
    assert found.remedy.commands[0].startswith("echo '")
    assert json.loads(found.remedy.commands[0].split("'")[1])["spec"] == {"controller": "ingress.k8s.aws/alb"}
    assert words(found)["classes"] == "this cluster has no IngressClass"


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("{type: NodePort}", "its type is NodePort"),
        ("{type: LoadBalancer, loadBalancerClass: other}", 'its loadBalancerClass is "other"'),
        ("{type: LoadBalancer}", "it has no loadBalancerClass"),
    ],
)
def test_services_that_nobody_claims(spec: str, reason: str) -> None:
    (found,) = ownership.check(
        evident(f"kind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {spec}"), Ident("Service", "shop", "web")
    )
    assert words(found)["reason"].startswith(reason)


def test_an_object_that_is_ours_or_leaves() -> None:
    assert not list(ownership.check(healthy(), APP))
    assert not list(ownership.check(evident(HELD), APP))


# Controllers -----------------------------------------------------------------------------------------------------------

PEER = "public.ecr.aws/eks/aws-load-balancer-controller:v2.8.1"


def test_no_controller() -> None:
    (found,) = controllers.check(evident())
    assert (found.problem.code, found.remedy.commands) == ("LB634", ("albatross install",))
    (stopped,) = controllers.check(evident(more=(deployment(replicas=0, ready=0),)))
    assert stopped.remedy.commands == ("kubectl scale deployment -n kube-system albatross --replicas 2",)
    assert controllers.log(evident()) == "the log of `albatross run`"
    assert "outside of the cluster" in controllers.words(evident(leader=LEADER))
    assert controllers.words(evident()) == "no controller for load balancers runs here"
    assert "could not be read (no)" in controllers.words(evident(unseen={"controllers": "no"}))


def test_two_controllers() -> None:
    found = evident(more=(deployment(), deployment("other", PEER, None)))
    assert codes(controllers.check(found)) == ["LB635"]
    assert [each.version for each in controllers.known(found)] == ["1", "v2.8.1"]
    assert [dict(each.settings) for each in controllers.known(found)] == [{"cluster-name": "prod-eks"}] * 2
    assert [each.wanted for each in controllers.known(found)] == [1, 1]


def test_a_controller_that_is_not_ready() -> None:
    waiting = pod("c", "kube-system")
    waiting["metadata"]["labels"] = {"app": "albatross"}
    waiting["status"] = {"containerStatuses": [{"image": "x", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}
    assert codes(controllers.check(evident(more=(deployment(), waiting)))) == ["LB734"]


def test_auto_mode() -> None:
    both = evident(GONE % ("auto", "eks.amazonaws.com/alb"), more=(deployment(),))
    assert codes(controllers.auto(both)) == ["LB636"]
    assert not list(controllers.auto(healthy()))


# The object, its events ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "code", "command"),
    [
        (ANNOTATED % (f"{ALB}target-typ", "ip"), "LB131", f"kubectl annotate ingress -n shop app {ALB}target-type=ip {ALB}target-typ-"),
        (ANNOTATED % (f"{ALB}scheme", "Internal"), "LB104", f"kubectl annotate ingress -n shop app --overwrite {ALB}scheme=internal"),
        (ANNOTATED % (f"{ALB}group.name", "A_B"), "LB137", "kubectl edit ingress -n shop app"),
        (ANNOTATED % (f"{ALB}healthcheck-port", "x y"), "LB149", "kubectl edit ingress -n shop app"),
    ],
)
def test_an_edit_corrects_it(patch: str, code: str, command: str) -> None:
    found = evident(patch)
    causes = [*manifest.check(found, APP), *(Cause(problem=each, remedy=manifest.mended(found, each)) for each in _lost(found))]
    (cause,) = [each for each in causes if each.problem.code == code]
    assert cause.remedy.commands == (command,)


def test_a_group_that_it_may_not_join_is_no_question_of_the_class() -> None:
    notes = {"name": "team", "annotations": {"albatross.dev/tenants": "[]"}}
    policy = json.dumps({"kind": "IngressClassParams", "metadata": notes, "spec": {"group": {"name": "team"}}})
    found = diagnose(evident(ANNOTATED % (f"{ALB}group.name", "team"), policy, more=(deployment(),)), APP)
    (refused,) = [each for each in found.causes if each.problem.code in ("LB443", "LB601")]
    assert (refused.problem.code, refused.remedy.commands) == ("LB443", ("kubectl edit ingress -n shop app",))


def test_a_last_good_version_in_use_is_said() -> None:
    redirect = '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/new"}}'
    backend = {"service": {"name": "go", "port": {"name": "use-annotation"}}}
    rules = [{"host": "www.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]

    def written(action: str, kept: str = "") -> str:
        notes = {f"{ALB}actions.go": action} | ({LAST_GOOD: kept} if kept else {})
        return json.dumps({"kind": "Ingress", "metadata": {"name": "app", "annotations": notes}, "spec": {"rules": rules}})

    fine, broken = (evident(written(each)).snapshot.ingresses[APP.key] for each in (redirect, "{"))
    text = good.write(Good(fine, "2026-01-01T00:00:00Z"), broken)
    assert isinstance(text, str)
    found = diagnose(evident(written("{", text), more=(deployment(),)), APP)
    (said,) = [each.problem for each in found.causes if each.problem.code == "LB440"]
    assert message(said) == "this version has errors, so its last good version is in use since 2026-01-01T00:00:00Z"


def _lost(found: Evidence) -> tuple[Any, ...]:
    return surveyed(found).problems.get(APP, ())


PATHS = (
    "kind: Ingress\nmetadata: {name: app, namespace: shop}\nspec: {rules: [{host: %s, http: {paths: ["
    "{path: '%s', pathType: Prefix, backend: {service: {name: %s, port: {number: %s}}}}]}}]}"
)


@pytest.mark.parametrize(
    ("values", "code", "command"),
    [
        (("www.example.com", "/", "web", 81), "LB208", '"value": {"number": 80}'),
        (("www.example.com", "/", "wbe", 80), "LB206", '"value": "web"'),
        (("www.example.com", "/", "zzzzzz", 80), "LB206", "kubectl edit ingress -n shop app"),
        (("www.example.com", "/a?", "web", 80), "LB142", "kubectl edit ingress -n shop app"),
    ],
)
def test_an_edit_of_the_rules(values: tuple[Any, ...], code: str, command: str) -> None:
    (found,) = [each for each in manifest.check(evident(PATHS % values), APP) if each.problem.code == code]
    assert command in found.remedy.commands[0]


def test_several_ports_are_not_chosen_from() -> None:
    ports = "kind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{name: a, port: 1}, {name: b, port: 2}]}"
    (found,) = [each for each in manifest.check(evident(ports), APP) if each.problem.code == "LB208"]
    assert found.remedy.commands == ("kubectl edit ingress -n shop app",)


HTTPS = (
    "kind: Ingress\nmetadata: {name: app, namespace: shop, annotations: {%slisten-ports: '[{\"HTTPS\": 443}]'%s}}\n"
    "spec: {rules: [{host: %s}]}"
)


def test_certificates() -> None:
    missing = evident(HTTPS % (ALB, "", "a.b.example.org"))
    (found,) = [each for each in manifest.check(missing, APP) if each.problem.code == "LB309"]
    assert (
        found.remedy.commands[0]
        == "aws acm request-certificate --region ap-northeast-2 --domain-name a.b.example.org --validation-method DNS"
    )
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    elsewhere = HTTPS % (ALB, f", {ALB}certificate-arn: {arn}", "www.example.com")
    known = Facts({Certificates(): (CertificateFact(arn="arn:here", domains=("*.example.com",)),)})
    (found,) = [each for each in manifest.check(evident(elsewhere, aws=AwsEvidence(facts=known)), APP) if each.problem.code == "LB185"]
    assert found.remedy.commands == (f"kubectl annotate ingress -n shop app --overwrite {ALB}certificate-arn=arn:here",)
    nameless = evident(elsewhere.replace("host: www.example.com", "host: ''"))
    (found,) = [each for each in manifest.check(nameless, APP) if each.problem.code == "LB185"]
    assert found.remedy.commands == ("kubectl edit ingress -n shop app",)


def test_subnets_are_tagged() -> None:
    found = evident(ANNOTATED % (f"{ALB}ip-address-type", "dualstack"))
    (cause,) = [each for each in manifest.check(found, APP) if each.problem.code == "LB307"]
    assert cause.remedy.commands[0].startswith("aws ec2 create-tags --region ap-northeast-2")


def test_values_are_words_of_a_shell() -> None:
    field = Origin("IngressClass", "", "x", 'metadata.annotations["a"]')
    assert manifest.changed(field, "it's") == "kubectl annotate ingressclass x --overwrite 'a=it'\"'\"'s'"
    assert manifest.changed(Origin("IngressClass", "", "x", "spec.controller"), 1).startswith("kubectl patch ingressclass x --type json")
    assert list(manifest.check(evident(CLASSED % "abl"), APP)) == []
    assert manifest.mended(replace(healthy(), objects={}), cause("LB208", Origin.of(APP)).problem).commands == (
        "kubectl edit ingress -n shop app",
    )


def test_the_last_warning() -> None:
    said = (
        "Failed deploy model due to LB515: create LoadBalancer: CreateLoadBalancer failed with TooManyLoadBalancers; "
        "fix: `albatross status` lists them; 1 of 3 operations are done"
    )
    found = diagnose(healthy_with(event(said, count=3)), APP)
    (first,) = found.causes
    assert (first.problem.code, first.remedy.commands) == ("LB603", ("albatross status",))
    assert words(first)["times"] == " (3 times, last at 2026-01-02T00:00:00Z)"
    assert words(first)["way"] == "`albatross status` lists them"


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("Failed build model due to couldn't auto-discover subnets: unable to discover at least one subnet", "albatross doctor"),
        ("something else", "kubectl logs -n kube-system deployment/albatross"),
        ("Health checks failed", "kubectl logs -n kube-system deployment/albatross"),
    ],
)
def test_a_warning_of_the_other_controller(said: str, command: str) -> None:
    (found,) = events.check(healthy_with(event(said)), APP)
    assert found.remedy.commands == (command,)


def test_a_warning_before_a_success_does_not_count() -> None:
    well = event("ok", "SuccessfullyReconciled", "Normal", "2026-01-03T00:00:00Z")
    assert not list(events.check(healthy_with(event("old"), well), APP))
    assert list(events.check(healthy_with(event("new", at="2026-01-04T00:00:00Z"), well), APP))
    waiting = event("wait", "Waiting", "Normal", "2026-01-05T00:00:00Z")
    assert list(events.check(healthy_with(event("old"), waiting), APP))
    assert not list(events.check(healthy_with(waiting), APP))


def test_an_event_that_repeats_a_problem_is_left_out() -> None:
    repeated = event("Failed build model due to LB208: Service web has no port 81; fix: use one of: http:80")
    evidence = evident(PATHS % ("www.example.com", "/", "web", 81), more=(deployment(), repeated))
    assert codes(diagnose(evidence, APP).causes)[0] == "LB208"
    assert "LB603" not in codes(diagnose(evidence, APP).causes)


def healthy_with(*more: dict[str, Any]) -> Evidence:
    return evident(STATUS, more=(deployment(), *more), leader=LEADER)


# In AWS ----------------------------------------------------------------------------------------------------------------


OLD = "old.ap-northeast-2.elb.amazonaws.com"


def observed(**more: Any) -> AwsEvidence:
    return AwsEvidence(observed={STACK: Observed(load_balancers=(replace(BALANCER, **more),))})


def test_the_load_balancer() -> None:
    assert codes(balancer.check(evident(), APP)) == ["LB608"]
    assert codes(balancer.check(healthy(aws=AwsEvidence()), APP)) == ["LB604"]
    old = evident("kind: Ingress\nmetadata: {name: app, namespace: shop, creationTimestamp: '2026-01-01T00:00:00Z'}", aws=AwsEvidence())
    (found,) = balancer.check(old, APP)
    assert words(found)["age"].startswith(" for ")
    for state, way in (("provisioning", "wait"), ("active_impaired", "free addresses"), ("failed", "delete it")):
        (found,) = balancer.check(healthy(aws=observed(state=state)), APP)
        assert (found.problem.code, way in words(found)["way"]) == ("LB605", True)
    assert not list(balancer.check(evident(CLASSED % "abl"), APP))
    assert not balancer.of(evident(CLASSED % "abl"), APP)


def test_a_replaced_load_balancer_is_not_the_one() -> None:
    old = replace(BALANCER, arn="arn:old", dns_name=OLD, tags=((tracking.REPLACED, "2026-03-01T12:00:00Z"),))
    both = healthy(aws=AwsEvidence(observed={STACK: Observed(load_balancers=(old, BALANCER))}))
    assert [each.arn for each in balancer.of(both, APP)] == [BALANCER.arn, "arn:old"]
    assert diagnose(both, APP).facts[1].endswith(f"{OLD}; it is replaced, and is deleted when clients had time to move")
    record = RecordFact(zone="Z1", name="www.example.com", type="A", target=OLD)
    found = replace(both, aws=replace(both.aws, facts=records(record).aws.facts))
    (wrong,) = names.check(found, APP)
    assert (wrong.problem.code, words(wrong)["dns"]) == ("LB620", DNS)


def records(*found: RecordFact, zones: bool = True) -> Evidence:
    zone = (HostedZone(id="Z1", name="example.com"),) if zones else ()
    question = names.question(("www.example.com",))
    facts = Facts({HostedZones(): zone, question: found})
    return healthy(aws=replace(observed(), facts=facts))


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (RecordFact(zone="Z1", name="www.example.com", type="A", target=DNS), []),
        (RecordFact(zone="Z1", name="www.example.com", type="A", target="d1.cloudfront.net"), []),
        (RecordFact(zone="Z1", name="www.example.com", type="TXT", values=("x",)), ["LB621"]),
        (RecordFact(zone="Z1", name="*.example.com", type="A", target="old.ap-northeast-2.elb.amazonaws.com"), ["LB620"]),
        (RecordFact(zone="Z9", name="www.example.com", type="CNAME", values=("old.ap-northeast-2.elb.amazonaws.com.",)), ["LB620"]),
    ],
)
def test_records(record: RecordFact, code: list[str]) -> None:
    assert codes(names.check(records(record), APP)) == code


def test_records_that_aws_does_not_show() -> None:
    """Only an answer proves that a record is missing."""
    zones = (HostedZone(id="Z1", name="example.com"),)
    refused = RefusedAnswer("ListResourceRecordSets", "AccessDenied", "no")
    for facts in (Facts({HostedZones(): zones}), Facts({HostedZones(): zones, names.question(("www.example.com",)): refused})):
        assert codes(names.check(healthy(aws=replace(observed(), facts=facts)), APP)) == []


@pytest.mark.parametrize(("annotated", "code"), [("true", ["LB325"]), ("false", ["LB621"])])
def test_a_controller_that_may_not_write_records(annotated: str, code: list[str]) -> None:
    """The user may read the zone; the controller may not, and says so in an event, before the event of its success."""
    evidence = records(RecordFact(zone="Z1", name="www.example.com", type="TXT", values=("x",)))
    noun = evidence.snapshot.ingresses[APP.key]
    asking = replace(noun, metadata=replace(noun.metadata, annotations={**noun.metadata.annotations, "albatross.dev/dns": annotated}))
    at = {"kind": APP.kind, "namespace": APP.namespace, "name": APP.name}
    words = (("aws_code", "AccessDenied"), ("operation", "ListHostedZones"), ("text", "no"))
    said = sentence(Problem("LB325", Origin.of(APP), words))
    told = {"reason": "HostedZonesRefused", "type": "Warning", "message": said, "involvedObject": at}
    snapshot = replace(evidence.snapshot, ingresses={**evidence.snapshot.ingresses, APP.key: asking})
    found = list(names.check(replace(evidence, snapshot=snapshot, objects={**evidence.objects, "Event": (told,)}), APP))
    assert [each.problem.code for each in found] == code
    assert ("ListHostedZones" in message(found[0].problem)) == (annotated == "true")
    silent = list(names.check(replace(evidence, snapshot=snapshot), APP))
    assert [each.problem.code for each in silent] == ["LB621"]  # nothing says that the controller was refused


@pytest.mark.parametrize(
    ("resolved", "code"),
    [
        ({}, []),
        ({"www.example.com": ("1.1.1.1",)}, []),
        ({"www.example.com": (), DNS: ()}, []),
        ({"www.example.com": (), DNS: ("1.1.1.1",)}, ["LB760"]),
        ({"www.example.com": ("1.1.1.1",), DNS: ("1.1.1.1", "2.2.2.2")}, []),
        ({"www.example.com": ("9.9.9.9",), DNS: ("1.1.1.1", "2.2.2.2")}, ["LB761"]),
    ],
)
def test_what_the_resolver_says(resolved: dict[str, tuple[str, ...]], code: list[str]) -> None:
    assert codes(names.check(healthy(aws=observed(), resolved=resolved), APP)) == code


def test_hosts() -> None:
    written = (
        "kind: Service\nmetadata: {name: web, namespace: shop, annotations: "
        "{external-dns.alpha.kubernetes.io/hostname: 'A.example.com, b.example.com'}}"
    )
    assert names.hosts(evident(written).snapshot, Ident("Service", "shop", "web")) == ("a.example.com", "b.example.com")
    assert names.hosts(evident().snapshot, Ident("Service", "shop", "no")) == ()
    assert names.question(("*.example.com", "a.example.com")).names == ("*.example.com", "a.example.com")
    assert not list(names.check(evident(aws=AwsEvidence()), APP))
    assert not list(names.check(records(zones=False), APP))


def test_a_finalizer_that_is_left() -> None:
    assert codes(diagnose(evident(HELD), APP).causes)[0] == "LB602"
    (found,) = existence.left(evident(HELD), APP)
    assert found.remedy.commands == ("albatross install",)
    (found,) = existence.left(evident(HELD, more=(deployment(),)), APP)
    assert found.remedy.commands[0] == "kubectl logs -n kube-system deployment/albatross"
    assert not list(existence.left(evident(), APP))


def test_order() -> None:
    at = Origin.of(APP)
    note, warning, error = cause("LB621", at), cause("LB608", at), cause("LB604", at)
    assert ordered([note, warning, error, note]) == (error, warning, note)
    assert error.blocking
    assert not cause("LB604", at).remedy
    assert NOW
