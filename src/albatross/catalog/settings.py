"""A row a controller setting: its flag, environment variable, chart value, type, default and meaning. Flags are the other controller's.

Values arrive as text, from wherever; `read` turns all of them into a `Config` and `Options`, or says everything that is wrong with them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Literal

from albatross.catalog.tracking import STACK_TAGS
from albatross.errors import AlbatrossError
from albatross.model.config import GATES, Config

Kind = Literal["text", "number", "flag", "duration", "map", "list", "gates", "choice", "limit"]

PREFIX = "ALBATROSS_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One setting. `field` is the attribute of Config or Options it fills; one without a field is accepted and has no effect yet."""

    flag: str
    kind: Kind
    help: str
    default: str = ""
    field: str = ""
    chart: str = ""
    choices: tuple[str, ...] = ()

    @property
    def env(self) -> str:
        """Its environment variable; the flag wins."""
        return PREFIX + self.flag.upper().replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the controller runs, as far as no decision depends on it. Durations are seconds."""

    kubeconfig: str = ""
    context: str = ""
    log_level: str = "info"
    metrics_address: str = ":8080"
    health_address: str = ":61779"
    leader_election: bool = True
    leader_election_id: str = "aws-load-balancer-controller-leader"
    leader_election_namespace: str = ""
    sync_seconds: float = 36_000
    group_workers: int = 3
    target_workers: int = 3
    target_backoff_seconds: float = 1000
    aws_endpoints: Mapping[str, str] = field(default_factory=dict)
    aws_throttle: str = ""
    aws_attempts: int = 10
    vpc_tags: Mapping[str, str] = field(default_factory=dict)
    manage_crds: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """What `read` found: settings, or complaints; `idle` are flags that were given and have no effect."""

    config: Config
    options: Options
    complaints: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def _row(flag: str, kind: Kind, default: str, help: str, **more: Any) -> Flag:
    return Flag(flag=flag, kind=kind, default=default, help=help, **more)


def _config(flag: str, kind: Kind, default: str, help: str, **more: Any) -> Flag:
    return _row(flag, kind, default, help, **{"field": flag.replace("-", "_"), **more})


SETTINGS: tuple[Flag, ...] = (
    _config("cluster-name", "text", "", "The cluster's name; names and tags depend on it. Required.", chart="clusterName"),
    _config("aws-region", "text", "", "Else AWS_REGION, AWS_DEFAULT_REGION, the nodes, instance metadata.", chart="region", field="region"),
    _config("aws-vpc-id", "text", "", "Else --aws-vpc-tags, a node's instance, instance metadata.", chart="vpcId", field="vpc_id"),
    _row("aws-vpc-tags", "map", "", "Tags that exactly one VPC has.", field="vpc_tags", chart="vpcTags"),
    _row("kubeconfig", "text", "", "Which cluster; else KUBECONFIG, the pod, ~/.kube/config.", field="kubeconfig"),
    _row("context", "text", "", "Another context of the kubeconfig than its current one.", field="context"),
    _config("ingress-class", "text", "alb", "The class that is ours by annotation; empty: all.", chart="ingressClass"),
    _config("watch-namespace", "text", "", "Only this namespace; empty: all.", chart="watchNamespace"),
    _config("default-tags", "map", "", "Tags of all AWS resources.", chart="defaultTags"),
    _config("external-managed-tags", "list", "", "Tag keys that others manage.", chart="externalManagedTags"),
    _config(
        "default-target-type",
        "choice",
        "instance",
        "What target groups hold where nothing says it.",
        chart="defaultTargetType",
        choices=("instance", "ip"),
    ),
    _config(
        "default-load-balancer-scheme",
        "choice",
        "internal",
        "The scheme where nothing says it.",
        chart="defaultLoadBalancerScheme",
        choices=("internal", "internet-facing"),
    ),
    _config("default-ssl-policy", "text", "ELBSecurityPolicy-2016-08", "The security policy of HTTPS listeners.", chart="defaultSSLPolicy"),
    _config("default-pca-arn", "text", "", "A private CA for created certificates.", chart="certManagement.defaultPCAARN"),
    _config(
        "allowed-certificate-authority-arns",
        "list",
        "",
        "Discover certificates of these CAs only.",
        chart="certDiscovery.allowedCertificateAuthorityARNs",
    ),
    _config("service-target-eni-security-group-tags", "map", "", "Further tags of the targets' group.", chart="serviceTargetENISGTags"),
    _config("enable-backend-security-group", "flag", "true", "One shared group as source.", chart="enableBackendSecurityGroup"),
    _config("backend-security-group", "text", "", "This group as source.", chart="backendSecurityGroup"),
    _config(
        "enable-manage-backend-security-group-rules",
        "flag",
        "false",
        "Open targets' ports though the load balancer's groups are given.",
        chart="enableManageBackendSecurityGroupRules",
    ),
    _config("disable-restricted-sg-rules", "flag", "false", "Open all ports of targets.", chart="disableRestrictedSecurityGroupRules"),
    _config(
        "max-targets-per-target-group", "number", "0", "The most targets in a target group; 0: no limit.", chart="maxTargetsPerTargetGroup"
    ),
    _config("required-secrets-label", "text", "", "A label `key=value` that Secrets must carry to be read."),
    _config(
        "tolerate-non-existent-backend-service",
        "flag",
        "true",
        "A missing Service serves a 503.",
        chart="tolerateNonExistentBackendService",
    ),
    _config(
        "tolerate-non-existent-backend-action", "flag", "true", "A missing action serves a 503.", chart="tolerateNonExistentBackendAction"
    ),
    _config("enable-waf", "flag", "true", "Manage WAF Classic.", chart="enableWaf"),
    _config("enable-wafv2", "flag", "true", "Manage WAFv2.", chart="enableWafv2"),
    _config("enable-shield", "flag", "true", "Manage Shield Advanced.", chart="enableShield"),
    _config(
        "allow-deletions",
        "limit",
        "10",
        "Load balancers that may go within ten minutes, if they are more than 30 % of all; a number, or all.",
        chart="allowDeletions",
    ),
    _config("strict-groups", "flag", "false", "Let one member's error stop its whole group, as the AWS controller does."),
    _config("strict-paths", "flag", "false", "Refuse paths that the AWS controller refuses, where they have one sensible meaning."),
    _row("feature-gates", "gates", "", "`Name=true,Other=false`.", field="gates", chart="controllerConfig.featureGates"),
    _row("log-level", "choice", "info", "How much is logged.", field="log_level", chart="logLevel", choices=("info", "debug")),
    _row("metrics-bind-addr", "text", ":8080", "Prometheus metrics; 0: off.", field="metrics_address", chart="metricsBindAddr"),
    _row("health-probe-bind-addr", "text", ":61779", "/healthz and /readyz; 0: off.", field="health_address"),
    _row("enable-leader-election", "flag", "true", "Several replicas, one of which works.", field="leader_election"),
    _row("leader-election-id", "text", "aws-load-balancer-controller-leader", "The Lease's name.", field="leader_election_id"),
    _row("leader-election-namespace", "text", "", "The Lease's namespace; empty: the pod's.", field="leader_election_namespace"),
    _row("sync-period", "duration", "10h", "How often every group is looked at again.", field="sync_seconds", chart="syncPeriod"),
    _row(
        "ingress-max-concurrent-reconciles",
        "number",
        "3",
        "Groups worked on at a time.",
        field="group_workers",
        chart="ingressMaxConcurrentReconciles",
    ),
    _row(
        "targetgroupbinding-max-concurrent-reconciles",
        "number",
        "3",
        "Bindings worked on at a time.",
        field="target_workers",
        chart="targetgroupbindingMaxConcurrentReconciles",
    ),
    _row(
        "targetgroupbinding-max-exponential-backoff-delay",
        "duration",
        "16m40s",
        "The longest wait after failures.",
        field="target_backoff_seconds",
        chart="targetgroupbindingMaxExponentialBackoffDelay",
    ),
    _row(
        "targetgroupbinding-requeue-duration",
        "duration",
        "15s",
        "How often unhealthy gated pods are looked at.",
        field="targetgroupbinding_requeue_seconds",
        chart="targetgroupbindingRequeueDuration",
    ),
    _row("aws-api-endpoints", "map", "", "`service=URL`, e.g. for interface endpoints.", field="aws_endpoints", chart="awsApiEndpoints"),
    _row("aws-api-throttle", "text", "", "`service:regex=rate:burst,…`", field="aws_throttle", chart="awsApiThrottle"),
    _row("aws-max-retries", "number", "10", "Attempts a call.", field="aws_attempts", chart="awsMaxRetries"),
    _row("manage-crds", "flag", "true", "Create and update the two CRDs at start.", field="manage_crds"),
    # Accepted, so that a Deployment made for the other controller starts; what they set does not exist here.
    _row("enable-endpoint-slices", "flag", "true", "EndpointSlices are always used."),
    _row("aws-vpc-tag-key", "text", "Name", "Deprecated there too."),
    _row("service-max-concurrent-reconciles", "number", "3", "Services of type LoadBalancer are not served."),
    _row("gateway-class-max-concurrent-reconciles", "number", "3", "Gateways are not served."),
    _row("alb-gateway-max-concurrent-reconciles", "number", "3", "Gateways are not served."),
    _row("nlb-gateway-max-concurrent-reconciles", "number", "3", "Gateways are not served."),
    _row("globalaccelerator-max-concurrent-reconciles", "number", "1", "Global Accelerator is not served."),
    _row("globalaccelerator-max-exponential-backoff-delay", "duration", "16m40s", "Global Accelerator is not served."),
    _row("lb-stabilization-monitor-interval", "duration", "2m", "Waits adapt by themselves."),
    _row("disable-ingress-class-annotation", "flag", "false", "Needs the admission webhook."),
    _row("disable-ingress-group-name-annotation", "flag", "false", "Needs the admission webhook."),
    _row("load-balancer-class", "text", "service.k8s.aws/nlb", "Services of type LoadBalancer are not served."),
    _row("enable-pod-readiness-gate-inject", "flag", "true", "Needs the admission webhook."),
    _row("quic-environment-variable-name", "text", "AWS_LBC_QUIC_SERVER_ID", "QUIC is not served."),
    _row("webhook-bind-port", "number", "9443", "There is no admission webhook yet."),
    _row("webhook-cert-dir", "text", "", "There is no admission webhook yet."),
    _row("webhook-cert-file", "text", "", "There is no admission webhook yet."),
    _row("webhook-key-file", "text", "", "There is no admission webhook yet."),
    _row("kube-ca-pem-filepath", "text", "", "The kubeconfig or the service account names the CA."),
)
"""Every setting, in the order of the documentation."""


class _Wrong(AlbatrossError, ValueError):
    """A value of the wrong form; its text says which form is right."""


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def duration(text: str) -> float:
    """A Go duration (`1h30m`, `15s`, `500ms`, `0`) in seconds; ValueError for anything else."""
    if text == "0":
        return 0.0
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise _Wrong("a duration such as 15s or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise _Wrong("a whole number, 0 or more")
    return int(text)


def _limit(text: str) -> int | None:
    if text != "all" and not (text.isascii() and text.isdigit()):
        raise _Wrong("a whole number, or all")
    return None if text == "all" else int(text)


def _flag(text: str) -> bool:
    # Go's strconv.ParseBool.
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise _Wrong("true or false")


def _map(text: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, text.split(",")):
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise _Wrong("key=value, separated by commas")
        found[name.strip()] = value.strip()
    return found


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _gates(text: str) -> dict[str, bool]:
    found = dict(GATES)
    for name, value in _map(text).items():
        if name not in GATES:
            near = get_close_matches(name, GATES, 1)
            raise _Wrong(f"gates that exist; {name} does not" + (f" (did you mean {near[0]}?)" if near else ""))
        found[name] = _flag(value)
    return found


_READ: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "choice": str,
    "number": _number,
    "limit": _limit,
    "flag": _flag,
    "duration": duration,
    "map": _map,
    "list": _list,
    "gates": _gates,
}


def read(values: Mapping[str, str]) -> Given:
    """Settings from texts by flag; what is not given has its default."""
    found: dict[str, Any] = {}
    complaints = [f"--{flag} is no setting" for flag in values if flag not in {row.flag for row in SETTINGS}]
    for row in SETTINGS:
        text = values.get(row.flag, row.default)
        try:
            value = _READ[row.kind](text)
            if row.choices and value not in row.choices:
                raise _Wrong(" or ".join(row.choices))
        except _Wrong as wrong:
            complaints.append(f"--{row.flag}={text}: expected {wrong}")
            continue
        if row.field:
            found[row.field] = value
    config, options = _split(found)
    idle = tuple(row.flag for row in SETTINGS if not row.field and values.get(row.flag, row.default) != row.default)
    return Given(config, options, (*complaints, *_rules(config)), idle)


def _split(found: dict[str, Any]) -> tuple[Config, Options]:
    names = {each.name for each in fields(Config)}
    config = {name: value for name, value in found.items() if name in names}
    config["external_managed_tags"] = frozenset(config["external_managed_tags"])
    config.setdefault("cluster_name", "")
    return Config(**config), Options(**{name: value for name, value in found.items() if name not in names})


def _rules(config: Config) -> list[str]:
    """What no single value shows."""
    said = []
    if not config.cluster_name:
        said.append(f"--cluster-name is missing (or set {PREFIX}CLUSTER_NAME)")
    for flag, keys in (("default-tags", config.default_tags.keys()), ("external-managed-tags", config.external_managed_tags)):
        said += [f"--{flag}: {key} is a tag by which resources are known as ours, and may not be set" for key in sorted(keys & STACK_TAGS)]
    both = sorted(config.default_tags.keys() & config.external_managed_tags)
    said += [f"{key} is both in --default-tags and in --external-managed-tags; take it out of one" for key in both]
    if config.backend_security_group and not config.backend_security_group.startswith("sg-"):
        said.append(f"--backend-security-group={config.backend_security_group}: expected the id of a security group, sg-…")
    if config.enable_manage_backend_security_group_rules and not config.enable_backend_security_group:
        said.append("--enable-manage-backend-security-group-rules needs --enable-backend-security-group")
    return said
