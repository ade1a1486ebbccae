"""Error texts of users: each leads to a cause that exists, and is seen by a check that exists."""

import botocore.session
import pytest

from albatross.catalog import symptoms
from albatross.catalog.health import REASONS
from albatross.catalog.problems import PROBLEMS
from albatross.catalog.symptoms import SYMPTOMS, Symptom
from albatross.diagnose.chain import CHAIN
from albatross.diagnose.subject import CHECKS

NAMES = {each.name for each in CHAIN} | {each.name for each in CHECKS}
SEEN = {
    "get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds": "LB645",
    "failed to introspect vpcID from EC2Metadata or Node name, specify --aws-vpc-id instead": "LB646",
    "api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity": "LB642",
    "User: arn:aws:sts::1:assumed-role/nodes/i-0123456789abcdef0 is not authorized to perform: elasticloadbalancing:x": "LB705",
    "User: arn:aws:sts::1:assumed-role/lb/1 is not authorized to perform: elasticloadbalancing:AddTags on resource": "LB644",
    "This AWS account currently does not support creating load balancers. OperationNotPermitted": None,
    "OperationNotPermitted: This AWS account currently does not support creating load balancers. For more information": "LB517",
    'unable to recognize "v2_4_1_full.yaml": no matches for kind "IngressClassParams" in version "elbv2.k8s.aws/v1beta1"': "LB632",
    'error looking up service account kube-system/lb: serviceaccount "lb" not found': "LB640",
    'denied the request: invalid ingress class: IngressClass.networking.k8s.io "alb" not found': "LB601",
    'tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "crypto/rsa")': "LB663",
    'no endpoints available for service "aws-load-balancer-webhook-service"': "LB664",
    'failed calling webhook "vingress.elbv2.k8s.aws": Post "https://x": context deadline exceeded': "LB656",
    "couldn't auto-discover subnets: unable to discover at least one subnet": "LB650",
    "expect exactly one securityGroup tagged with kubernetes.io/cluster/prod, got: [sg-1 sg-2]": "LB655",
    "ingress: shop/web: none certificate found for host: www.example.com": "LB309",
    "api error TooManyRules: The maximum number of rules on load balancer": "LB515",
    'unable to find port 8443 on service "shop/web"': "LB208",
    "prefix path shouldn't contain wildcards: /*": "LB142",
    "DependencyViolation: resource sg-0123 has a dependent object": "LB516",
    "Health checks failed with these codes: [404]": "LB610",
    "Health checks failed": "LB611",
}
"""Texts as users quote them."""


@pytest.mark.parametrize("each", SYMPTOMS, ids=lambda each: each.text[:40])
def test_each_text_leads_to_its_cause(each: Symptom) -> None:
    found = symptoms.find(f"Warning: {each.text.replace('…', 'abc')} and more")
    assert found is not None
    assert found.code == each.code
    assert each.code in PROBLEMS
    assert set(each.checks) <= NAMES
    assert each.fix


@pytest.mark.parametrize(("text", "code"), SEEN.items(), ids=lambda each: str(each)[:40])
def test_texts_of_users(text: str, code: str | None) -> None:
    found = symptoms.find(text)
    assert (found.code if found else None) == code


def test_every_check_is_in_the_table() -> None:
    quiet = {"kubeconfig", "API", "Auto Mode", "DNS", "load balancer", "objects"}
    named = {name for each in SYMPTOMS for name in each.checks}
    assert NAMES - named <= quiet


def test_reasons_are_those_of_aws() -> None:
    model = botocore.session.get_session().get_service_model("elbv2")
    assert set(model.shape_for("TargetHealthReasonEnum").enum) == REASONS.keys()
    assert all(each.problem in (*PROBLEMS, "") for each in REASONS.values())
