"""One row for each admission webhook: which requests the API server sends, and what happens while nobody answers.

Names and paths are those of kubernetes-sigs/aws-load-balancer-controller (`helm/aws-load-balancer-controller/templates/webhook.yaml`), so
that messages and dashboards stay the same. The rest is narrower: a webhook that is down must not stop what it has nothing to do with.

Two webhooks of the other controller have no row, because nothing here serves them: the sidecar of ALB target control, and
GlobalAccelerator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from albatross.catalog import crds, quic

Policy = Literal["Ignore", "Fail"]

TIMEOUT_SECONDS = 3
"""Chosen: the API server waits this long for one webhook; its default is 10 s. A decision needs milliseconds, a call of AWS about 0.2 s."""

CONFIGURATION = "albatross-webhook"
"""The name of both configurations. It is not the name of the other controller (`aws-load-balancer-webhook`): its Helm release owns that
object, and would change it at each upgrade and delete it when it is uninstalled."""
PROBE = "albatross-webhook-probe"
"""The name of the configuration with which the controller finds out whether the API server reaches it."""
SERVICE = "albatross-webhook-service"
"""The Service in front of the webhooks. It has one port: 443, to `--webhook-bind-port`."""
SERVICE_PORT = 443
SECRET = "albatross-webhook-tls"
"""The Secret with the certificates. It is not the Secret of the other controller (`aws-load-balancer-tls`), because its pods still serve
that one while both are installed, and its configurations trust no other certificate."""
CERTIFICATE = "albatross-webhook-serving-cert"
"""The Certificate of cert-manager: the Secret of it is served."""
AUTHORITY = "albatross-webhook-root-cert"
"""The Certificate of the CA that signs it, its Secret, and the Issuer that signs with that."""
PROBE_PATH = "/probe"
PROBE_LABEL = "albatross.dev/webhook-probe"
"""Only an object with this label is sent to the probe."""

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
GATE_LABEL = "elbv2.k8s.aws/pod-readiness-gate-inject"
QUIC_LABEL = "elbv2.k8s.aws/quic-server-id-inject"
NAMESPACE_NAME = "kubernetes.io/metadata.name"
SYSTEM = "kube-system"
OWN_PODS = ("albatross", "aws-load-balancer-controller")
"""Values of `app.kubernetes.io/name`: pods that must start before there is a webhook."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One of `matchConditions`: a CEL expression. `${user}`, `${class}` and `${foreign}` are filled in by `install.webhooks`."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook. All conditions must be true, or the request is not sent. `setting` is what switches it off.

    `policy` is what the API server does if the webhook does not answer, and `reason` says why.
    """

    name: str
    path: str
    mutating: bool
    group: str
    version: str
    resource: str
    operations: tuple[str, ...]
    policy: Policy
    reason: str
    why: str
    setting: str = "enable-webhooks"
    namespaces: Mapping[str, Any] = field(default_factory=dict)
    objects: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[Filter, ...] = ()


def _in(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


NOT_OURS = Filter("not-our-own-write", "request.userInfo.username != ${user}")
"""The controller itself does not need its own opinion: it could otherwise wait for itself."""
_ALIVE = Filter("not-being-deleted", "!has(object.metadata.deletionTimestamp)")
_NEW_SPEC = 'request.operation == "CREATE" || has(object.spec) != has(oldObject.spec) || has(object.spec) && object.spec != oldObject.spec'
_NEW_ANNOTATIONS = (
    "has(object.metadata.annotations) != has(oldObject.metadata.annotations)"
    " || has(object.metadata.annotations) && object.metadata.annotations != oldObject.metadata.annotations"
)
_CHANGED_SPEC = Filter("spec-changed", _NEW_SPEC)
_CHANGED = Filter("spec-or-annotations-changed", f"{_NEW_SPEC} || {_NEW_ANNOTATIONS}")


def _annotated(key: str) -> str:
    return f"has(object.metadata.annotations) && '{key}' in object.metadata.annotations"


_OUR_ANNOTATION = Filter(
    "class-annotation-ours",
    f"!({_annotated(CLASS_ANNOTATION)}) || object.metadata.annotations['{CLASS_ANNOTATION}'] == ${{class}}",
)
_OUR_CLASS = Filter("class-may-be-ours", "!has(object.spec.ingressClassName) || !(object.spec.ingressClassName in ${foreign})")

_NOT_SYSTEM = _in(NAMESPACE_NAME, "NotIn", SYSTEM)
_LATER = "the reconcile checks the same again, and reports it as an event"

WEBHOOKS: tuple[Webhook, ...] = (
    Webhook(
        name="mpod.elbv2.k8s.aws",
        path="/mutate-v1-pod",
        mutating=True,
        group="",
        version="v1",
        resource="pods",
        operations=("CREATE",),
        policy="Ignore",
        reason="a pod without the gate works; a rolling update only waits less",
        why="adds the readiness gate of each target group to new pods, so that a rolling update waits for the load balancer",
        setting="enable-pod-readiness-gate-inject",
        namespaces={"matchExpressions": [_in(GATE_LABEL, "In", "enabled"), _NOT_SYSTEM]},
        objects={"matchExpressions": [_in("app.kubernetes.io/name", "NotIn", *OWN_PODS)]},
        # No Service selects a pod without labels. A mirror pod describes a static pod, which nobody may change.
        conditions=(
            Filter("labelled", "has(object.metadata.labels)"),
            Filter("not-a-mirror-pod", f"!({_annotated('kubernetes.io/config.mirror')})"),
        ),
    ),
    Webhook(
        name="quicid.elbv2.k8s.aws",
        path="/mutate-v1-pod-server-id",
        mutating=True,
        group="",
        version="v1",
        resource="pods",
        operations=("CREATE",),
        policy="Fail",
        reason="a container without the id never gets it later, and the load balancer sends it no QUIC connections",
        why="adds the QUIC server id to the containers that the pod names",
        setting="quic-environment-variable-name",
        namespaces={"matchExpressions": [_in(QUIC_LABEL, "In", "enabled"), _NOT_SYSTEM]},
        objects={"matchExpressions": [_in("app.kubernetes.io/name", "NotIn", *OWN_PODS)]},
        conditions=(Filter("asked-for", _annotated(quic.ANNOTATION)),),
    ),
    Webhook(
        name="mservice.elbv2.k8s.aws",
        path="/mutate-v1-service",
        mutating=True,
        group="",
        version="v1",
        resource="services",
        operations=("CREATE",),
        policy="Fail",
        reason="nobody can set the class later, and another controller would make a load balancer for the Service",
        why="gives new Services of type LoadBalancer without a class the class of this controller",
        setting="feature-gates (EnableServiceController)",
        namespaces={"matchExpressions": [_NOT_SYSTEM]},
        conditions=(
            Filter(
                "load-balancer-without-class",
                'has(object.spec.type) && object.spec.type == "LoadBalancer" && !has(object.spec.loadBalancerClass)',
            ),
        ),
    ),
    Webhook(
        name="mtargetgroupbinding.elbv2.k8s.aws",
        path="/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding",
        mutating=True,
        group=crds.GROUP,
        version="v1beta1",
        resource="targetgroupbindings",
        operations=("CREATE",),
        policy="Ignore",
        reason="the reconcile completes a binding in the same way",
        why="fills in what the target group in AWS says: target type, IP address type, VPC and protocol",
    ),
    Webhook(
        name="vtargetgroupbinding.elbv2.k8s.aws",
        path="/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding",
        mutating=False,
        group=crds.GROUP,
        version="v1beta1",
        resource="targetgroupbindings",
        operations=("CREATE", "UPDATE"),
        policy="Fail",
        reason="the reconcile cannot know an earlier ARN, and two bindings of one target group remove each other's targets; only "
        "TargetGroupBindings that people write wait",
        why="refuses a change of the target group, a second binding of it, and what does not fit it",
        conditions=(_ALIVE, _CHANGED_SPEC),
    ),
    Webhook(
        name="vingressclassparams.elbv2.k8s.aws",
        path="/validate-elbv2-k8s-aws-v1beta1-ingressclassparams",
        mutating=False,
        group=crds.GROUP,
        version="v1beta1",
        resource="ingressclassparams",
        operations=("CREATE", "UPDATE"),
        policy="Ignore",
        reason=_LATER,
        why="refuses parameters that no load balancer can have",
        conditions=(_ALIVE, _CHANGED),
    ),
    Webhook(
        name="vingress.elbv2.k8s.aws",
        path="/validate-networking-v1-ingress",
        mutating=False,
        group="networking.k8s.io",
        version="v1",
        resource="ingresses",
        operations=("CREATE", "UPDATE"),
        policy="Ignore",
        reason=_LATER,
        why="says what is wrong with an Ingress before it is stored: errors refuse it, warnings are shown",
        conditions=(_ALIVE, _CHANGED, _OUR_ANNOTATION, _OUR_CLASS),
    ),
)
"""Every webhook, in the order of the configurations."""

BY_PATH: Mapping[str, Webhook] = {row.path: row for row in WEBHOOKS}
