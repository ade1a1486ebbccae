from dataclasses import fields

import pytest

from albatross.catalog.settings import SETTINGS, Options, duration, read
from albatross.model.config import GATES, Config

NAMED = {"cluster-name": "c"}


def test_defaults_are_those_of_the_nouns() -> None:
    given = read(NAMED)
    assert given.complaints == ()
    assert given.config == Config(cluster_name="c")
    assert given.options == Options()


def test_every_row_with_a_field_fills_one() -> None:
    known = {each.name for kind in (Config, Options) for each in fields(kind)}
    assert {row.field for row in SETTINGS if row.field} <= known
    assert len({row.flag for row in SETTINGS}) == len(SETTINGS)


def test_values_are_read_by_kind() -> None:
    given = read(
        NAMED
        | {
            "default-tags": "a=b, c=d=e",
            "external-managed-tags": "x, y,",
            "enable-waf": "f",
            "max-targets-per-target-group": "7",
            "sync-period": "1h30m",
            "feature-gates": "EnableRGTAPI=true,ListenerRulesTagging=false",
        }
    )
    assert given.complaints == ()
    assert (given.config.default_tags, given.config.external_managed_tags) == ({"a": "b", "c": "d=e"}, frozenset({"x", "y"}))
    assert (given.config.enable_waf, given.config.max_targets_per_target_group, given.options.sync_seconds) == (False, 7, 5400)
    assert dict(given.config.gates) == {**GATES, "EnableRGTAPI": True, "ListenerRulesTagging": False}


def test_a_share_is_a_part_of_one() -> None:
    assert [read(NAMED | {"aws-api-share": text}).options.aws_share for text in ("1", "0.05", ".5")] == [1.0, 0.05, 0.5]


def test_a_limit_is_a_number_or_none() -> None:
    assert [read(NAMED | {"allow-deletions": text}).config.allow_deletions for text in ("0", "25", "all")] == [0, 25, None]


@pytest.mark.parametrize(
    ("flag", "text", "said"),
    [
        ("enable-waf", "yes", "--enable-waf=yes: expected true or false"),
        ("default-tags", "a", "key=value"),
        ("default-target-type", "pod", "instance or ip"),
        ("aws-max-retries", "-1", "a whole number"),
        ("allow-deletions", "-1", "a whole number, or all"),
        ("sync-period", "10", "a duration such as"),
        ("aws-api-share", "0", "a number above 0, at most 1"),
        ("aws-api-share", "1.5", "a number above 0, at most 1"),
        ("aws-api-share", "5%", "a number above 0, at most 1"),
        ("feature-gates", "EnableRGTAP=true", "did you mean EnableRGTAPI?"),
        ("feature-gates", "EnableRGTAPI=maybe", "true or false"),
        ("default-tags", "elbv2.k8s.aws/cluster=x", "tracking tag"),
        ("backend-security-group", "mine", "sg-"),
        ("aws-api-endpoints", "elb v2=https://x", "did you mean Elastic Load Balancing v2?"),
        ("aws-api-endpoints", "lambda=https://x", "'lambda' is not a service that is called"),
        ("aws-api-endpoints", "ec2=x.example.com", "'x.example.com' does not start with https://"),
        ("enable-flying", "true", "--enable-flying is not a setting"),
    ],
)
def test_what_is_wrong_is_said(flag: str, text: str, said: str) -> None:
    (complaint,) = read(NAMED | {flag: text}).complaints
    assert said in complaint


def test_a_service_has_its_identifier_or_its_short_name() -> None:
    given = read(NAMED | {"aws-api-endpoints": "Elastic Load Balancing v2=https://a,wafv2=https://b,WAF Regional=http://c"})
    assert given.complaints == ()
    assert given.options.aws_endpoints == {"elbv2": "https://a", "wafv2": "https://b", "waf-regional": "http://c"}


# Every flag of the other controller (v3.5.0) with its default, from its own help; without a default where it differs here.
FLAGS = """
allowed-certificate-authority-arns=  aws-api-endpoints=  aws-api-throttle  aws-max-retries=10  aws-region=  aws-vpc-id=
aws-vpc-tag-key=Name  aws-vpc-tags=  backend-security-group=  cluster-name=  default-load-balancer-scheme=internal  default-pca-arn=
default-ssl-policy=ELBSecurityPolicy-2016-08  default-tags=  default-target-type=instance  disable-ingress-class-annotation=false
disable-ingress-group-name-annotation=false  disable-restricted-sg-rules=false  enable-backend-security-group=true
enable-endpoint-slices=true  enable-leader-election=true  enable-manage-backend-security-group-rules=false
enable-pod-readiness-gate-inject=true  enable-shield=true  enable-waf=true  enable-wafv2=true  external-managed-tags=  feature-gates=
health-probe-bind-addr=:61779  ingress-class=alb  ingress-max-concurrent-reconciles  kube-ca-pem-filepath=  kubeconfig=
lb-stabilization-monitor-interval=2m  leader-election-id=aws-load-balancer-controller-leader  leader-election-namespace=
load-balancer-class=service.k8s.aws/nlb  log-level=info  max-targets-per-target-group=0  metrics-bind-addr=:8080
quic-environment-variable-name=AWS_LBC_QUIC_SERVER_ID  required-secrets-label=  service-max-concurrent-reconciles
service-target-eni-security-group-tags=  sync-period=10h  targetgroupbinding-max-concurrent-reconciles
targetgroupbinding-max-exponential-backoff-delay=16m40s  targetgroupbinding-requeue-duration=15s
tolerate-non-existent-backend-action=true  tolerate-non-existent-backend-service=true  watch-namespace=  webhook-bind-port=9443
webhook-cert-dir  webhook-cert-file  webhook-key-file  gateway-class-max-concurrent-reconciles=3  alb-gateway-max-concurrent-reconciles=3
nlb-gateway-max-concurrent-reconciles=3  globalaccelerator-max-concurrent-reconciles=1
globalaccelerator-max-exponential-backoff-delay=16m40s
"""


IDLE = frozenset(
    {
        "alb-gateway-max-concurrent-reconciles",
        "aws-vpc-tag-key",
        "enable-endpoint-slices",
        "gateway-class-max-concurrent-reconciles",
        "globalaccelerator-max-concurrent-reconciles",
        "globalaccelerator-max-exponential-backoff-delay",
        "lb-stabilization-monitor-interval",
        "nlb-gateway-max-concurrent-reconciles",
    }
)


@pytest.mark.parametrize("known", FLAGS.split())
def test_every_flag_of_the_other_controller_is_accepted(known: str) -> None:
    flag, sign, default = known.partition("=")
    (row,) = [each for each in SETTINGS if each.flag == flag]
    assert not sign or row.default == default
    assert bool(row.field) != (flag in IDLE), "a setting without effect says so at start"


def test_everything_wrong_is_said_at_once() -> None:
    found = read(
        {"enable-waf": "yes", "default-tags": "a=b", "external-managed-tags": "a", "enable-backend-security-group": "false"} | MANAGED
    )
    assert len(found.complaints) == 4
    assert any("--cluster-name is missing" in complaint for complaint in found.complaints)


MANAGED = {"enable-manage-backend-security-group-rules": "true"}


def test_settings_of_the_other_controller_are_accepted_without_effect() -> None:
    given = read(NAMED | {"aws-vpc-tag-key": "x", "enable-endpoint-slices": "true"})
    assert (given.complaints, given.idle) == ((), ("aws-vpc-tag-key",))


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("15s", 15), ("16m40s", 1000), ("500ms", 0.5), ("1.5h", 5400)])
def test_durations_are_gos(text: str, seconds: float) -> None:
    assert duration(text) == seconds
