"""LB75#: the admission webhooks of the controller."""

from albatross.catalog.problems.row import ProblemRow

_LIVE = "it depends on the running cluster, which is not in a manifest"
_SOURCE = "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/"

ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB750",
        slug="webhooks-not-reached",
        severity="warning",
        summary="the API server does not reach the webhooks at Service {service}, so they are not registered: {said}",
        why="the control plane connects to the pods of the controller, not to their Service; on EKS, the security group of the nodes often "
        "does not allow it, and with another network plugin the control plane may have no route to pods",
        fix="allow TCP port {port} from the cluster security group to the nodes and pods; or run the pods with hostNetwork; or set "
        "--enable-webhooks=false: the reconcile checks Ingresses in any case. The controller tries again by itself",
        unshown=_LIVE,
        source="https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
    ),
    ProblemRow(
        code="LB751",
        slug="webhooks-without-service",
        severity="warning",
        summary="Service {service} has no ready endpoints, so the webhooks are not registered: {said}",
        why="the API server reaches webhooks by a Service; it does not exist, or its selector and port match no ready pod of ours",
        fix="create the Service with port 443 and targetPort {port}, and the labels of the controller's pods as selector; or set "
        "--enable-webhooks=false",
        unshown=_LIVE,
        source=_SOURCE,
    ),
    ProblemRow(
        code="LB752",
        slug="webhook-certificate-not-trusted",
        severity="warning",
        summary="the API server does not trust the certificate at Service {service}, so the webhooks are not registered: {said}",
        why="the Service leads to pods with another certificate: another controller, an old replica, or cert-manager has not issued it yet",
        fix="check the selector of the Service and Secret {secret}; if somebody has replaced it, delete it: the controller makes it again",
        unshown=_LIVE,
        source=_SOURCE,
    ),
    ProblemRow(
        code="LB753",
        slug="webhooks-not-allowed",
        severity="warning",
        summary="the webhooks are not registered, because the controller may not write what they need: {said}",
        why="the role of the controller's ServiceAccount does not allow it",
        fix="allow what the message names in the role of the controller, or set --enable-webhooks=false",
        unshown=_LIVE,
        source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/",
    ),
    ProblemRow(
        code="LB754",
        slug="webhook-certificate-missing",
        severity="warning",
        summary="the webhooks have no certificate yet: {said}",
        why="cert-manager or the mounted files shall provide the certificate, and have not done so",
        fix="check the Certificate and the Issuer of cert-manager, or the volume of --webhook-cert-dir; or set --webhook-certificates=own",
        unshown=_LIVE,
        source="https://cert-manager.io/docs/troubleshooting/",
    ),
    ProblemRow(
        code="LB755",
        slug="admission-check-incomplete",
        severity="warning",
        summary="not everything was checked before this object was stored: {said}",
        why="AWS did not answer in time, and a webhook must not wait",
        fix="nothing: the controller checks the object again, and reports what is wrong with it as an event",
        unshown=_LIVE,
    ),
    ProblemRow(
        code="LB756",
        slug="webhooks-not-registered",
        severity="error",
        summary="the controller works, but the API server does not call its webhooks: {said}",
        why="the leader registers the webhooks only after the API server has reached them; until then, mistakes in an Ingress are reported "
        "as events and not by `kubectl apply`, and pods get no readiness gates",
        fix="correct what the message names, and run the command again; or set --enable-webhooks=false",
        unshown=_LIVE,
        source=_SOURCE,
    ),
)
