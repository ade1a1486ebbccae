"""LB251 to LB257: Services and health checks that do not fit the pods in the same files."""

from collections.abc import Mapping

from albatross.catalog.problems.example import ingress
from albatross.catalog.problems.row import Example, ProblemRow

_PROBES = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"
_SERVICES = "https://kubernetes.io/docs/concepts/services-networking/service/"
_HEALTH = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
_HTTP = "{name: http, containerPort: 8080}"
_ADMIN = "{name: admin, containerPort: 8081}"


def _service(selector: str = "web", target: str = "8080") -> str:
    port = f"{{name: http, port: 80, targetPort: {target}, nodePort: 30080}}"
    return f"---\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {{app: {selector}}}\n  ports:\n  - {port}\n"


def _deployment(ports: str = _HTTP, probe: str = "") -> str:
    probed = f"\n        readinessProbe: {{httpGet: {{{probe}}}}}" if probe else ""
    head = "---\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    metadata:\n      labels: {app: web}\n"
    return head + f"    spec:\n      containers:\n      - name: web\n        ports: [{ports}]{probed}\n"


def _shown(broken: str, fixed: str) -> Example:
    """Two sets of files that are not the whole cluster."""
    return Example(broken.removeprefix("---\n"), fixed.removeprefix("---\n"), partial=True)


def _probed(broken: Mapping[str, str], fixed: Mapping[str, str], probe: str, ports: str = _HTTP) -> Example:
    """Annotations of the Ingress, and a readinessProbe."""
    pods = _service() + _deployment(ports, probe)
    return _shown(ingress(broken) + pods, ingress(fixed) + pods)


ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB251",
        slug="selector-matches-no-pod",
        severity="warning",
        summary="no pod in the files has the labels {selector}; {known}",
        why="without a pod, the target group has no targets, and the load balancer answers 503",
        fix="write the labels of the pod template (spec.template.metadata.labels) into the selector; if the pods are in other files, pass "
        "these files too",
        source=_SERVICES,
        example=_shown(_service("api") + _deployment(), _service("web") + _deployment()),
    ),
    ProblemRow(
        code="LB252",
        slug="port-not-opened",
        severity="warning",
        summary="no container of {workload} has the port {port}; its ports are {known}",
        why="a port that no container opens refuses connections, so the health checks fail; a missing targetPort is the same as port",
        fix="set targetPort to one of {known}, or add the port to the container if it does open it",
        source=_SERVICES,
        example=_shown(_service(target="80") + _deployment(), _service(target="8080") + _deployment()),
    ),
    ProblemRow(
        code="LB253",
        slug="named-port-missing",
        severity="error",
        summary="no container of {workload} has a port with the name {port}; its ports are {known}",
        why="a Service has only those pods as endpoints that have a port with this name, so it has none",
        fix="write the name or the number of one of these ports, or give the port of the container this name",
        source=_SERVICES,
        example=_shown(_service(target="web") + _deployment(), _service(target="http") + _deployment()),
    ),
    ProblemRow(
        code="LB254",
        slug="health-check-port-not-opened",
        severity="warning",
        summary="the health check uses port {port}, which is not a port of a {what}; the ports are {known}",
        why="nothing answers on this port, so no target is healthy",
        fix="remove the annotation, so that the port of the traffic is checked, or write one of the ports, or the name of a port of the "
        "Service",
        source=_HEALTH,
        example=_probed({"target-type": "ip", "healthcheck-port": "9000"}, {"target-type": "ip"}, ""),
    ),
    ProblemRow(
        code="LB255",
        slug="health-check-path-not-probed",
        severity="note",
        summary="the health check requests {asked} on port {port}, but the readinessProbe of {workload} requests {probe}",
        why="if the first path answers with a redirect, with 401 or with 404, no target is healthy, although the pods are ready",
        fix="write {key}: {probe}",
        source=_PROBES,
        example=_probed({}, {"healthcheck-path": "/healthz"}, "path: /healthz, port: http"),
    ),
    ProblemRow(
        code="LB256",
        slug="health-check-protocol-not-probed",
        severity="warning",
        summary="the health check uses {asked} on port {port}, but the readinessProbe of {workload} uses {probe}",
        why="a port that expects TLS or gRPC does not answer plain HTTP requests with a success code, and the other way round",
        fix="write {way}",
        source=_HEALTH,
        example=_probed(
            {"healthcheck-path": "/healthz"},
            {"healthcheck-path": "/healthz", "healthcheck-protocol": "HTTPS"},
            "path: /healthz, port: 8080, scheme: HTTPS",
        ),
    ),
    ProblemRow(
        code="LB257",
        slug="health-check-port-not-probed",
        severity="warning",
        summary="the health check requests {path} on port {asked}, but the readinessProbe of {workload} requests it on port {port}",
        why="a path of a management port usually does not exist on the port of the traffic, and the answer is 404",
        fix="with target type ip, write {key}: '{port}'; with target type instance, add the port to the Service and write its name",
        source=_HEALTH,
        example=_probed(
            {"target-type": "ip", "healthcheck-path": "/healthz"},
            {"target-type": "ip", "healthcheck-path": "/healthz", "healthcheck-port": "8081"},
            "path: /healthz, port: admin",
            f"{_HTTP}, {_ADMIN}",
        ),
    ),
)
