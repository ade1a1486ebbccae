"""The values of the Helm chart: the names of the AWS Load Balancer Controller's chart (3.5.0), so that a values file moves over.

A value is a setting of the controller, a part of an object, or not supported; then the row says why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from albatross.catalog.settings import SETTINGS, Flag

OTHER = "aws-load-balancer-controller 3.5.0"
OTHERS: Mapping[str, str] = {
    "enableEndpointSlices": "enable-endpoint-slices",
    "enablePodReadinessGateInject": "enable-pod-readiness-gate-inject",
    "disableIngressClassAnnotation": "disable-ingress-class-annotation",
    "disableIngressGroupNameAnnotation": "disable-ingress-group-name-annotation",
    "loadBalancerClass": "load-balancer-class",
    "webhookBindPort": "webhook-bind-port",
    "serviceMaxConcurrentReconciles": "service-max-concurrent-reconciles",
    "albGatewayMaxConcurrentReconciles": "alb-gateway-max-concurrent-reconciles",
    "nlbGatewayMaxConcurrentReconciles": "nlb-gateway-max-concurrent-reconciles",
    "globalAcceleratorMaxConcurrentReconciles": "globalaccelerator-max-concurrent-reconciles",
    "globalAcceleratorMaxExponentialBackoffDelay": "globalaccelerator-max-exponential-backoff-delay",
    "lbStabilizationMonitorInterval": "lb-stabilization-monitor-interval",
}
"""Values of settings that have no chart value in the table of settings."""

MISSPELT: Mapping[str, str] = {"webhookConfig.ingressValdationFailurePolicy": "webhookConfig.ingressValidationFailurePolicy"}
"""Values that the other chart spells wrong, with the correct name. Both are accepted."""

SELF = "the running controller writes the webhook configurations and their certificates itself"
NAMES = "the names of the objects are fixed, so that `albatross install` and the chart make the same objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartValue:
    """One value of the chart by its path, with its default. `unserved` says why the chart cannot use it; empty if it can."""

    name: str
    default: Any
    about: str
    unserved: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """The keys from the root."""
        return tuple(self.name.split("."))


def _row(name: str, default: Any, about: str, unserved: str = "") -> ChartValue:
    return ChartValue(name=name, default=default, about=about, unserved=unserved)


OBJECTS: tuple[ChartValue, ...] = (
    _row("replicaCount", 2, "The number of replicas. One works, the others are ready to take over."),
    _row("revisionHistoryLimit", 10, "The number of old ReplicaSets that the Deployment keeps."),
    _row("image.repository", "albatross-controller", "The image. Put it into a registry that the nodes can reach."),
    _row("image.tag", "", "The tag of the image. Default: the version of the chart."),
    _row("image.pullPolicy", "IfNotPresent", "When a node pulls the image."),
    _row("imagePullSecrets", [], "Secrets with the password of the registry."),
    _row("runtimeClassName", "", "The RuntimeClass of the pods."),
    _row("serviceAccount.create", True, "Whether the chart creates the ServiceAccount."),
    _row("serviceAccount.name", "aws-load-balancer-controller", "The ServiceAccount. The trust policy of the IAM role names it."),
    _row("serviceAccount.annotations", {}, "Annotations, for example eks.amazonaws.com/role-arn for IRSA."),
    _row("serviceAccount.automountServiceAccountToken", True, "Whether pods get the token. The controller needs it."),
    _row("serviceAccount.imagePullSecrets", [], "Secrets with the password of the registry, on the ServiceAccount."),
    _row("rbac.create", True, "Whether the chart creates the roles and their bindings."),
    _row("clusterSecretsPermissions.allowAllSecrets", False, "Let the controller read all Secrets. Better: a Role for each OIDC Secret."),
    _row("podSecurityContext", None, "The security context of the pods, instead of the one of the chart."),
    _row("securityContext", None, "The security context of the container, instead of the one of the chart."),
    _row("terminationGracePeriodSeconds", 15, "The time in which a pod must end."),
    _row("resources", None, "Requests and limits, instead of those of the chart."),
    _row("priorityClassName", "system-cluster-critical", "The priority of the pods."),
    _row("nodeSelector", {}, "Labels of the nodes."),
    _row("tolerations", [], "Taints of nodes that the pods tolerate."),
    _row("affinity", {}, "Rules for nodes and other pods, instead of those of the chart."),
    _row("configureDefaultAffinity", True, "Whether the pods prefer different nodes. Not used if `affinity` is set."),
    _row("topologySpreadConstraints", [], "The spread of the pods, instead of the one of the chart."),
    _row("updateStrategy", {}, "The strategy of the Deployment, instead of the one of the chart."),
    _row("podDisruptionBudget", {}, "The spec of the PodDisruptionBudget without its selector. Default: maxUnavailable: 1."),
    _row("deploymentAnnotations", {}, "Annotations of the Deployment."),
    _row("podAnnotations", {}, "More annotations of the pods."),
    _row("podLabels", {}, "More labels of the pods."),
    _row("serviceAnnotations", {}, "Annotations of the Service of the webhooks."),
    _row("additionalLabels", {}, "More labels of every object."),
    _row("env", {}, "More environment variables, by name."),
    _row("envFrom", [], "ConfigMaps and Secrets with environment variables."),
    _row("envSecretName", "", "A Secret with AWS credentials (key_id, access_key). An IAM role is safer."),
    _row("extraVolumes", [], "More volumes of the pods."),
    _row("extraVolumeMounts", [], "Where the container has them."),
    _row("hostNetwork", False, "Whether the pods use the network of their node."),
    _row("dnsPolicy", "", "How the pods resolve names."),
    _row("livenessProbe", None, "The liveness probe, instead of the one of the chart."),
    _row("readinessProbe", None, "The readiness probe, instead of the one of the chart."),
    _row("createIngressClassResource", True, "Whether the chart creates the IngressClass `ingressClass`."),
    _row("ingressClassConfig.default", False, "Whether Ingresses without a class get this class."),
    _row("ingressClassParams.create", True, "Whether the chart creates an IngressClassParams, if `spec` is set."),
    _row("ingressClassParams.name", "", "Its name. Default: the name of the class."),
    _row("ingressClassParams.spec", {}, "Settings for all Ingresses of the class."),
    _row("autoscaling.enabled", False, "", "one replica works at a time, so more replicas do not work faster; use replicaCount"),
    _row("autoscaling.minReplicas", 1, "", "see autoscaling.enabled"),
    _row("autoscaling.maxReplicas", 5, "", "see autoscaling.enabled"),
    _row("autoscaling.targetCPUUtilizationPercentage", 80, "", "see autoscaling.enabled"),
    _row("serviceMonitor.enabled", False, "Whether the chart creates a ServiceMonitor for the Prometheus operator."),
    _row("serviceMonitor.namespace", "", "The namespace of the ServiceMonitor. Default: that of the release."),
    _row("serviceMonitor.additionalLabels", {}, "More labels of the ServiceMonitor."),
    _row("serviceMonitor.interval", "1m", "The time between two readings."),
    _row("serviceMonitor.scrapeTimeout", "", "The time in which a reading must end."),
    _row("serviceMonitor.relabelings", [], "Changes of the labels of targets."),
    _row("serviceMonitor.metricRelabelings", [], "Changes of the labels of metrics."),
    _row("nameOverride", "", "", NAMES),
    _row("fullnameOverride", "", "", NAMES),
    _row("enableCertManager", False, "Whether cert-manager makes the certificate of the webhooks. It must be installed."),
    _row(
        "certManager",
        {},
        "For enableCertManager: duration, renewBefore, revisionHistoryLimit, rootCert.duration; issuerRef, to use your own issuer.",
    ),
    _row("webhookTLS", {}, "", SELF),
    _row("keepTLSSecret", False, "", SELF),
    _row("cluster.dnsDomain", "cluster.local", "The domain of the cluster, for the certificate of enableCertManager."),
    _row("webhookConfig.disableIngressValidation", None, "", SELF),
    _row("webhookConfig.ingressValidationFailurePolicy", None, "", SELF),
    _row("webhookConfig.ingressValidationObjectSelector", {}, "", SELF),
    _row("webhookConfig.ingressValidationNamespaceSelector", {}, "", SELF),
    _row("webhookNamespaceSelectors", [], "", SELF),
    _row("objectSelector", {}, "", SELF),
    _row("enableServiceMutatorWebhook", None, "", SELF),
    _row("serviceMutatorWebhookConfig", {}, "", SELF),
    _row("podMutatorWebhookConfig", {}, "", SELF),
)
"""Every value that is not a setting of the controller."""


def flags() -> Mapping[str, Flag]:
    """The settings by the name of their value."""
    rows = {row.flag: row for row in SETTINGS}
    named = {row.chart: row for row in SETTINGS if row.chart}
    return named | {name: rows[flag] for name, flag in OTHERS.items() if name not in named}


def leaves(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values of a file by their paths. A value with a row is not divided; an empty value is left out."""
    known = {*flags(), *(row.name for row in OBJECTS), *MISSPELT}
    yield from _leaves(given, "", known)


def _leaves(given: Mapping[str, Any], prefix: str, known: set[str]) -> Iterator[tuple[str, Any]]:
    for key, value in given.items():
        name = prefix + str(key)
        if isinstance(value, Mapping) and name not in known:
            yield from _leaves(value, name + ".", known)
        elif value not in (None, "", {}, []):
            yield name, value


def text(value: Any) -> str:
    """A value as the text of a flag."""
    match value:
        case bool():
            return "true" if value else "false"
        case Mapping():
            return ",".join(f"{key}={text(each)}" for key, each in value.items())
        case list():
            return ",".join(text(each) for each in value)
        case _:
            return str(value)
