"""What AWS answers, refuses or was never asked."""

from dataclasses import replace
from typing import Any

import pytest
from tests.world import CONFIG, RECORDING, Result, annotated, compiled, paths, prepared, snapshot

from albatross.catalog.problems import message, remedy
from albatross.catalog.tracking import INGRESS
from albatross.model.config import Config
from albatross.model.facts import (
    Answer,
    BackendSecurityGroup,
    CertificateFact,
    Certificates,
    Facts,
    Question,
    RefusedAnswer,
    SecurityGroupFact,
    SecurityGroupsById,
    SecurityGroupsByName,
    SubnetsOfVpc,
    TargetGroupByName,
    TrustStoreByName,
    WebAclByName,
    covers,
)
from albatross.model.resources.action import Forward
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import StackId

SECURE = {"listen-ports": '[{"HTTPS": 443}]'}
APP = StackId(INGRESS, "shop", "app")


def told(annotations: dict[str, str], answers: dict[Question, Answer], config: Config = CONFIG, **rest: Any) -> Result:
    """The recorded account, but for some answers."""
    cluster = snapshot(annotated(annotations, **rest))
    known = dict(RECORDING.answer(prepared(cluster, APP, config).questions, config).answers)
    return Result(cluster, config, Facts({**known, **answers}))


def test_offline_everything_is_left_open_and_said() -> None:
    given = {
        **SECURE,
        "security-groups": "sg-0a1b2c3d,web",
        "wafv2-acl-name": "acl",
        "mutual-authentication": '[{"port": 443, "mode": "verify", "trustStore": "ts"}]',
        "actions.go": '{"type": "forward", "targetGroupName": "tg"}',
        "subnets": "subnet-0a1b2c3d,b",
    }
    result = compiled(annotated(given, spec=paths(("/", "Prefix", "go:use-annotation"))), facts=Facts())
    assert not result.errors
    assert "LB314" in result.codes
    stack = result.stack
    assert stack.load_balancers[0].security_groups == ("sg-0a1b2c3d", Ref("SecurityGroupByName", "web", "group_id"))
    assert stack.load_balancers[0].subnet_mappings == ()
    assert stack.web_acls[0].web_acl_arn == "acl"
    assert stack.listeners[0].mutual_authentication is not None
    assert stack.listeners[0].mutual_authentication.trust_store_arn == "ts"
    forward = stack.rules[0].actions[0]
    assert isinstance(forward, Forward)
    assert forward.target_groups[0].target_group == Ref("TargetGroupByName", "tg", "arn")


@pytest.mark.parametrize("annotations", [{}, {"subnets": "private-a,private-b"}, {"enable-frontend-nlb": "true"}])
def test_offline_without_settings(annotations: dict[str, str]) -> None:
    result = compiled(annotated(annotations), facts=Facts())
    assert not result.errors
    assert result.stack.load_balancers[0].security_groups[1] == Ref("BackendSecurityGroup", "backend-sg", "group_id")


def test_route_tables_may_be_the_only_unknown() -> None:
    facts = Facts({SubnetsOfVpc(): (), BackendSecurityGroup(): ()})
    result = compiled(facts=facts)
    assert result.stack.load_balancers[0].subnet_mappings == ()


def test_class_subnets_offline() -> None:
    for chosen in ("{ids: [subnet-1]}", "{tags: {a: [b]}}"):
        params = f"kind: IngressClassParams\nmetadata: {{name: p}}\nspec: {{subnets: {chosen}}}\n"
        parameters = "{apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}"
        owner = f"kind: IngressClass\nmetadata: {{name: alb}}\nspec: {{parameters: {parameters}}}\n"
        assert compiled(params, owner, facts=Facts()).stack.load_balancers[0].subnet_mappings == ()


def test_a_refusal_stops_the_group_and_says_which_call() -> None:
    result = told({}, {BackendSecurityGroup(): RefusedAnswer("DescribeSecurityGroups", "InvalidParameterValue", "no", "ec2")})
    assert result.errors == ["LB313"]


def test_expired_credentials_are_no_missing_permission() -> None:
    answer = RefusedAnswer("DescribeSecurityGroups", "ExpiredToken", "The security token is expired", "ec2", "LB512")
    result = told({}, {BackendSecurityGroup(): answer})
    assert result.errors == ["LB512"]
    (found,) = (each for each in result.problems if each.code == "LB512")
    assert 'ec2 DescribeSecurityGroups failed with ExpiredToken: "The security token is expired"' in message(found)


def test_a_denied_question_names_the_permission() -> None:
    text = "You are not authorized to perform this operation."
    result = told({}, {BackendSecurityGroup(): RefusedAnswer("DescribeSecurityGroups", "UnauthorizedOperation", text, "ec2")})
    assert result.errors == ["LB511"]
    (found,) = (each for each in result.problems if each.code == "LB511")
    assert "ec2 DescribeSecurityGroups failed with UnauthorizedOperation" in message(found)
    assert "the statement ReadNetwork" in remedy(found)


def test_no_backend_group_yet() -> None:
    stack = told({}, {BackendSecurityGroup(): ()}).stack
    assert stack.load_balancers[0].security_groups[1] == Ref("BackendSecurityGroup", "backend-sg", "group_id")
    assert stack.backend_group_needed


def test_security_groups_ids_before_names_in_aws_order() -> None:
    by_id = SecurityGroupsById(("sg-b", "sg-a"))
    by_name = SecurityGroupsByName(("x",))
    found: dict[Question, Answer] = {
        by_id: (SecurityGroupFact(id="sg-a"), SecurityGroupFact(id="sg-b")),
        by_name: (SecurityGroupFact(id="sg-2", tags={"Name": "x"}), SecurityGroupFact(id="sg-1", tags={"Name": "x"})),
    }
    result = told({"security-groups": "x,sg-b,sg-a,x"}, found)
    assert result.stack.load_balancers[0].security_groups == ("sg-a", "sg-b", "sg-2", "sg-1")


def test_security_groups_that_are_not_there_or_said_twice() -> None:
    assert told({"security-groups": "sg-a,ghost"}, {}).errors == ["LB308"]
    twice: dict[Question, Answer] = {SecurityGroupsById(("sg-a", "sg-a")): (SecurityGroupFact(id="sg-a"),)}
    assert told({"security-groups": "sg-a,sg-a"}, twice).errors == ["LB318"]


def discovered(*known: CertificateFact, config: Config = CONFIG, host: str = "www.example.com") -> Result:
    return told(SECURE, {Certificates(): known}, config, spec=paths(("/", "Prefix", "web:80"), host=host))


def test_every_certificate_of_every_host_by_arn() -> None:
    known = (
        CertificateFact(arn="b", domains=("www.example.com",)),
        CertificateFact(arn="a", domains=("*.example.com",)),
        CertificateFact(arn="c"),
    )
    assert discovered(*known).stack.listeners[0].certificates == ("a", "b")


def test_only_allowed_authorities_and_never_our_own() -> None:
    private = CertificateFact(arn="a", domains=("www.example.com",), authority_arn="ca")
    assert discovered(private, config=replace(CONFIG, allowed_certificate_authority_arns=("ca",))).stack.listeners[0].certificates == ("a",)
    assert discovered(private, config=replace(CONFIG, allowed_certificate_authority_arns=("cb",))).errors == ["LB309"]
    ours = replace(private, tags={"elbv2.k8s.aws/cluster": "c", "ingress.k8s.aws/stack": "s"})
    assert discovered(ours, config=replace(CONFIG, gates={"EnableCertificateManagement": True})).errors == ["LB309"]


def test_a_certificate_nobody_asked_for_yet_is_not_missing() -> None:
    assert "LB316" not in Result(snapshot(annotated(SECURE)), CONFIG, Facts()).codes


def test_without_a_host_there_is_nothing_to_discover() -> None:
    spec = {"rules": [{"http": {"paths": paths(("/", "Prefix", "web:80"))["rules"][0]["http"]["paths"]}}]}
    result = told(SECURE, {}, spec=spec)
    assert (result.stack.listeners[0].certificates, result.codes) == ((), ["LB316"])


@pytest.mark.parametrize(
    ("domain", "host", "wanted"),
    [
        ("a.b", "a.b", True),
        ("a.b", "A.b", False),
        ("*.b", "a.b", True),
        ("*.b", "b", False),
        ("*.b", "a.a.b", False),
        ("*.b", "*.b", True),
        ("b", "a.b", False),
    ],
)
def test_covers(domain: str, host: str, wanted: bool) -> None:
    assert covers(domain, host) is wanted


def test_names_become_arns() -> None:
    given = {
        **SECURE,
        "wafv2-acl-name": "acl",
        "mutual-authentication": '[{"port": 443, "mode": "verify", "trustStore": "ts", "advertiseTrustStoreCaNames": "on"}]',
    }
    stack = told(given, {WebAclByName("acl"): ("arn:w",), TrustStoreByName("ts"): ("arn:t",)}).stack
    mutual = stack.listeners[0].mutual_authentication
    assert mutual is not None
    assert (mutual.trust_store_arn, mutual.ignore_client_certificate_expiry) == ("arn:t", False)
    assert stack.web_acls[0].web_acl_arn == "arn:w"
    assert told(given, {TrustStoreByName("ts"): ()}).errors == ["LB311", "LB312"]


def test_the_default_backend_may_forward_by_name() -> None:
    spec = {"defaultBackend": {"service": {"name": "go", "port": {"name": "use-annotation"}}}}
    result = told({"actions.go": '{"type": "forward", "targetGroupName": "tg"}'}, {TargetGroupByName("tg"): ("arn:g",)}, spec=spec)
    forward = result.stack.listeners[0].default_actions[0]
    assert isinstance(forward, Forward)
    assert forward.target_groups[0].target_group == "arn:g"
