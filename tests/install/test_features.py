"""The features that manifests use."""

from dataclasses import replace

import pytest
from tests.world import CONFIG, annotated, snapshot

from albatross import pipeline
from albatross.install.features import roles, used
from albatross.model.config import Config

HTTPS = {"listen-ports": '[{"HTTPS": 443}]'}
COGNITO = {**HTTPS, "auth-type": "cognito", "auth-idp-cognito": '{"userPoolARN": "a", "userPoolClientID": "b", "userPoolDomain": "c"}'}
BOUND = """
apiVersion: elbv2.k8s.aws/v1beta1
kind: TargetGroupBinding
metadata: {name: web, labels: {%s}}
spec:
  targetGroupARN: arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1
  %s
  serviceRef: {name: web, port: 80}
"""


def features(*patches: str, config: Config = CONFIG) -> dict[str, str]:
    seen = snapshot(*patches)
    survey = pipeline.survey(seen, config)
    intents = [pipeline.prepare(seen, config, survey.group(stack)).intent for stack in survey.groups]
    return {feature: at.object if at else "" for feature, at in used(intents, seen.bindings.values()).items()}


def test_names_need_dns() -> None:
    asked = "kind: Ingress\nmetadata: {name: app, namespace: shop, annotations: {albatross.dev/dns: 'true'}}\n"
    assert features(asked)["dns"] == "Ingress/shop/app"
    assert "dns" in features(config=replace(CONFIG, enable_dns=True))


def test_an_ordinary_ingress_needs_the_least() -> None:
    assert features() == {"core": "", "security-groups": ""}


@pytest.mark.parametrize(
    ("annotations", "feature"),
    [
        ({"wafv2-acl-name": "acl"}, "wafv2"),
        ({"wafv2-acl-arn": "arn:aws:wafv2:eu-west-1:1:regional/webacl/a/1"}, "wafv2"),
        ({"waf-acl-id": "acl"}, "waf-regional"),
        ({"shield-advanced-protection": "true"}, "shield"),
        (HTTPS, "certificates"),
        (COGNITO, "cognito"),
    ],
)
def test_an_annotation_needs_its_feature(annotations: dict[str, str], feature: str) -> None:
    assert features(annotated(annotations))[feature] == "Ingress/shop/app"


def test_certificates_are_requested_only_behind_their_gate() -> None:
    wanted = annotated({**HTTPS, "create-acm-cert": "true"})
    gate = Config(cluster_name="c", gates={"EnableCertificateManagement": True})
    assert "certificate-creation" not in features(wanted)
    assert features(wanted, config=gate)["certificate-creation"] == "Ingress/shop/app"


def test_a_binding_of_the_users_needs_a_given_target_group_and_perhaps_a_role() -> None:
    assert features(BOUND % ("", "")).keys() - features().keys() == {"given-target-groups"}
    role = "iamRoleArnToAssume: arn:aws:iam::2:role/r"
    assert features(BOUND % ("", role))["cross-account"] == "TargetGroupBinding/shop/web"


def test_the_roles_of_bindings_are_known() -> None:
    lent = snapshot(BOUND % ("", "iamRoleArnToAssume: arn:aws:iam::2:role/r"))
    assert roles(lent.bindings.values()) == ("arn:aws:iam::2:role/r",)
    assert roles(snapshot(BOUND % ("", "")).bindings.values()) == ()


def test_a_binding_of_the_controllers_needs_nothing_more() -> None:
    assert features(BOUND % ("ingress.k8s.aws/stack: team", "")) == features()
