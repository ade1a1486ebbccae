"""One row for each setting of the controller: flag, environment variable, chart value, type, default and meaning. The flags are those of
the other controller.

Values are texts; `read` converts all of them into a `Config` and `Options`, or returns every error.
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
    """One setting. `field` is an attribute of Config or Options. A setting without a field is accepted and has no effect yet."""

    flag: str
    kind: Kind
    help: str
    default: str = ""
    field: str = ""
    chart: str = ""
    choices: tuple[str, ...] = ()

    @property
    def env(self) -> str:
        """The environment variable of the setting. The flag overrides it."""
        return PREFIX + self.flag.upper().replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of the process that do not change any decision. Durations are in seconds."""

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
    """The result of `read`: settings, or errors in `complaints`. `idle` are flags that are set and have no effect."""

    config: Config
    options: Options
    complaints: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def _row(flag: str, kind: Kind, default: str, help: str, **more: Any) -> Flag:
    return Flag(flag=flag, kind=kind, default=default, help=help, **more)


def _config(flag: str, kind: Kind, default: str, help: str, **more: Any) -> Flag:
    return _row(flag, kind, default, help, **{"field": flag.replace("-", "_"), **more})


SETTINGS: tuple[Flag, ...] = (
    _config("cluster-name", "text", "", "The name of the cluster. Names and tags in AWS depend on it. Required.", chart="clusterName"),
    _config(
        "aws-region",
        "text",
        "",
        "The AWS region. Default: AWS_REGION, AWS_DEFAULT_REGION, the nodes, instance metadata.",
        chart="region",
        field="region",
    ),
    _config(
        "aws-vpc-id",
        "text",
        "",
        "The id of the VPC. Default: --aws-vpc-tags, the instance of a node, instance metadata.",
        chart="vpcId",
        field="vpc_id",
    ),
    _row("aws-vpc-tags", "map", "", "Tags that select exactly one VPC.", field="vpc_tags", chart="vpcTags"),
    _row("kubeconfig", "text", "", "The kubeconfig file. Default: KUBECONFIG, the pod, ~/.kube/config.", field="kubeconfig"),
    _row("context", "text", "", "The context of the kubeconfig. Default: its current context.", field="context"),
    _config(
        "ingress-class",
        "text",
        "alb",
        "The class in annotation kubernetes.io/ingress.class that this controller serves. Empty: all.",
        chart="ingressClass",
    ),
    _config("watch-namespace", "text", "", "The namespace to watch. Empty: all.", chart="watchNamespace"),
    _config("default-tags", "map", "", "Tags for all AWS resources.", chart="defaultTags"),
    _config("external-managed-tags", "list", "", "Tag keys that are managed outside the controller.", chart="externalManagedTags"),
    _config(
        "default-target-type",
        "choice",
        "instance",
        "The target type if no object sets one.",
        chart="defaultTargetType",
        choices=("instance", "ip"),
    ),
    _config(
        "default-load-balancer-scheme",
        "choice",
        "internal",
        "The scheme if no object sets one.",
        chart="defaultLoadBalancerScheme",
        choices=("internal", "internet-facing"),
    ),
    _config(
        "default-ssl-policy",
        "text",
        "ELBSecurityPolicy-2016-08",
        "The security policy of HTTPS listeners if no object sets one.",
        chart="defaultSSLPolicy",
    ),
    _config("default-pca-arn", "text", "", "The ARN of the private CA for requested certificates.", chart="certManagement.defaultPCAARN"),
    _config(
        "allowed-certificate-authority-arns",
        "list",
        "",
        "Discover only certificates of these CAs.",
        chart="certDiscovery.allowedCertificateAuthorityARNs",
    ),
    _config(
        "service-target-eni-security-group-tags",
        "map",
        "",
        "More tags that the security group of the targets has.",
        chart="serviceTargetENISGTags",
    ),
    _config(
        "enable-backend-security-group",
        "flag",
        "true",
        "Use one shared security group as the source of the rules for targets.",
        chart="enableBackendSecurityGroup",
    ),
    _config("backend-security-group", "text", "", "Use this security group as the shared one.", chart="backendSecurityGroup"),
    _config(
        "enable-manage-backend-security-group-rules",
        "flag",
        "false",
        "Open the ports of targets even if the load balancer has security groups of your own.",
        chart="enableManageBackendSecurityGroupRules",
    ),
    _config(
        "disable-restricted-sg-rules",
        "flag",
        "false",
        "Open all ports of the targets, not only those in use.",
        chart="disableRestrictedSecurityGroupRules",
    ),
    _config(
        "max-targets-per-target-group",
        "number",
        "0",
        "The maximum number of targets in a target group. 0: no limit.",
        chart="maxTargetsPerTargetGroup",
    ),
    _config("required-secrets-label", "text", "", "A label `key=value`. Only Secrets with this label are read."),
    _config(
        "tolerate-non-existent-backend-service",
        "flag",
        "true",
        "A missing Service gets a 503 response.",
        chart="tolerateNonExistentBackendService",
    ),
    _config(
        "tolerate-non-existent-backend-action",
        "flag",
        "true",
        "A missing action gets a 503 response.",
        chart="tolerateNonExistentBackendAction",
    ),
    _config("enable-waf", "flag", "true", "Manage WAF Classic.", chart="enableWaf"),
    _config("enable-wafv2", "flag", "true", "Manage WAFv2.", chart="enableWafv2"),
    _config("enable-shield", "flag", "true", "Manage Shield Advanced.", chart="enableShield"),
    _config(
        "allow-deletions",
        "limit",
        "10",
        "The number of load balancers that may be deleted or replaced within ten minutes, if they are more than 30 % of all. "
        "A number, or all.",
        chart="allowDeletions",
    ),
    _config("strict-groups", "flag", "false", "Let an error of one member stop the whole group, as the AWS controller does."),
    _config("strict-paths", "flag", "false", "Refuse every path that the AWS controller refuses, even if its meaning is clear."),
    _row(
        "feature-gates",
        "gates",
        "",
        "Switches features on or off: `Name=true,Other=false`.",
        field="gates",
        chart="controllerConfig.featureGates",
    ),
    _row("log-level", "choice", "info", "The log level.", field="log_level", chart="logLevel", choices=("info", "debug")),
    _row(
        "metrics-bind-addr",
        "text",
        ":8080",
        "The address of the Prometheus metrics. 0: off.",
        field="metrics_address",
        chart="metricsBindAddr",
    ),
    _row("health-probe-bind-addr", "text", ":61779", "The address of /healthz and /readyz. 0: off.", field="health_address"),
    _row("enable-leader-election", "flag", "true", "Let only one of several replicas work at a time.", field="leader_election"),
    _row("leader-election-id", "text", "aws-load-balancer-controller-leader", "The name of the Lease.", field="leader_election_id"),
    _row(
        "leader-election-namespace",
        "text",
        "",
        "The namespace of the Lease. Empty: the namespace of the pod.",
        field="leader_election_namespace",
    ),
    _row(
        "sync-period", "duration", "10h", "The time after which every group is reconciled again.", field="sync_seconds", chart="syncPeriod"
    ),
    _row(
        "ingress-max-concurrent-reconciles",
        "number",
        "3",
        "The number of groups that are reconciled at the same time.",
        field="group_workers",
        chart="ingressMaxConcurrentReconciles",
    ),
    _row(
        "targetgroupbinding-max-concurrent-reconciles",
        "number",
        "3",
        "The number of TargetGroupBindings that are reconciled at the same time.",
        field="target_workers",
        chart="targetgroupbindingMaxConcurrentReconciles",
    ),
    _row(
        "targetgroupbinding-max-exponential-backoff-delay",
        "duration",
        "16m40s",
        "The longest delay after failures.",
        field="target_backoff_seconds",
        chart="targetgroupbindingMaxExponentialBackoffDelay",
    ),
    _row(
        "targetgroupbinding-requeue-duration",
        "duration",
        "15s",
        "The time between two checks of unhealthy pods with a readiness gate.",
        field="targetgroupbinding_requeue_seconds",
        chart="targetgroupbindingRequeueDuration",
    ),
    _row(
        "aws-api-endpoints",
        "map",
        "",
        "Endpoints of AWS services, `service=URL`, for example interface endpoints.",
        field="aws_endpoints",
        chart="awsApiEndpoints",
    ),
    _row(
        "aws-api-throttle",
        "text",
        "",
        "Rate limits of API calls, `service:regex=rate:burst,…`.",
        field="aws_throttle",
        chart="awsApiThrottle",
    ),
    _row("aws-max-retries", "number", "10", "The number of attempts for each API call.", field="aws_attempts", chart="awsMaxRetries"),
    _row("manage-crds", "flag", "true", "Create and update the two custom resource definitions at start.", field="manage_crds"),
    # Accepted, so that a Deployment for the other controller starts. The features of these settings do not exist here.
    _row("enable-endpoint-slices", "flag", "true", "EndpointSlices are always used."),
    _row("aws-vpc-tag-key", "text", "Name", "The other controller has deprecated it too."),
    _row("service-max-concurrent-reconciles", "number", "3", "Services of type LoadBalancer are not supported yet."),
    _row("gateway-class-max-concurrent-reconciles", "number", "3", "Gateways are not supported yet."),
    _row("alb-gateway-max-concurrent-reconciles", "number", "3", "Gateways are not supported yet."),
    _row("nlb-gateway-max-concurrent-reconciles", "number", "3", "Gateways are not supported yet."),
    _row("globalaccelerator-max-concurrent-reconciles", "number", "1", "Global Accelerator is not supported yet."),
    _row("globalaccelerator-max-exponential-backoff-delay", "duration", "16m40s", "Global Accelerator is not supported yet."),
    _row("lb-stabilization-monitor-interval", "duration", "2m", "The controller chooses its delays itself."),
    _row("disable-ingress-class-annotation", "flag", "false", "Needs the admission webhook."),
    _row("disable-ingress-group-name-annotation", "flag", "false", "Needs the admission webhook."),
    _row("load-balancer-class", "text", "service.k8s.aws/nlb", "Services of type LoadBalancer are not supported yet."),
    _row("enable-pod-readiness-gate-inject", "flag", "true", "Needs the admission webhook."),
    _row("quic-environment-variable-name", "text", "AWS_LBC_QUIC_SERVER_ID", "QUIC is not supported yet."),
    _row("webhook-bind-port", "number", "9443", "There is no admission webhook yet."),
    _row("webhook-cert-dir", "text", "", "There is no admission webhook yet."),
    _row("webhook-cert-file", "text", "", "There is no admission webhook yet."),
    _row("webhook-key-file", "text", "", "There is no admission webhook yet."),
    _row("kube-ca-pem-filepath", "text", "", "The CA comes from the kubeconfig or the service account."),
)
"""Every setting, in the order of the documentation."""


class _Wrong(AlbatrossError, ValueError):
    """A value has the wrong form. The text says which form is correct."""


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
            raise _Wrong(f"existing feature gates; {name} does not exist" + (f" (did you mean {near[0]}?)" if near else ""))
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
    """Settings from texts by flag. A missing setting has its default."""
    found: dict[str, Any] = {}
    complaints = [f"--{flag} is not a setting" for flag in values if flag not in {row.flag for row in SETTINGS}]
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
    """Errors that depend on several values."""
    said = []
    if not config.cluster_name:
        said.append(f"--cluster-name is missing (or set {PREFIX}CLUSTER_NAME)")
    for flag, keys in (("default-tags", config.default_tags.keys()), ("external-managed-tags", config.external_managed_tags)):
        said += [f"--{flag}: {key} is a tracking tag of the controller and must not be set" for key in sorted(keys & STACK_TAGS)]
    both = sorted(config.default_tags.keys() & config.external_managed_tags)
    said += [f"{key} is in both --default-tags and --external-managed-tags; remove it from one of them" for key in both]
    if config.backend_security_group and not config.backend_security_group.startswith("sg-"):
        said.append(f"--backend-security-group={config.backend_security_group}: expected the id of a security group, such as sg-0a1b2c3d")
    if config.enable_manage_backend_security_group_rules and not config.enable_backend_security_group:
        said.append("--enable-manage-backend-security-group-rules needs --enable-backend-security-group")
    return said
