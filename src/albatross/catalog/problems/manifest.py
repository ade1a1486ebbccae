"""LB189 to LB199, LB762: errors of the files themselves, before any object is read."""

from albatross.catalog.problems.example import files
from albatross.catalog.problems.row import ProblemRow

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports: [{{port: 80}}]\n  type: {type}\n"
_INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  annotations:
    alb.ingress.kubernetes.io/group.order: {order}
spec:
  ingressClassName: alb
  rules:
  - host: {host}
    http:
      paths:
      - path: /
        pathType: Prefix
        backend: {{service: {{name: web, port: {{number: 80}}}}}}
"""
_BACKEND = "{service: {name: web, port: {number: 80}}}"


def _ingress(order: str) -> str:
    return _INGRESS.format(order=order, host="www.example.com")


ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB190",
        slug="unreadable-file",
        severity="error",
        summary="cannot read {file}: {reason}",
        why="the objects in this file are missing from the result, so the result may be wrong for the cluster",
        fix="check the path and the permissions, and save the file as UTF-8 text",
        unshown="the cause is a path that does not exist, or a file that is not text",
    ),
    ProblemRow(
        code="LB191",
        slug="malformed-yaml",
        severity="error",
        summary="this is not valid YAML: {reason}",
        why="the document is skipped; the other documents and files are still read",
        fix="correct the document at the marked position; a frequent cause is a value that contains `: ` or `#` and has no quotes",
        example=files(_ingress("first: 1"), _ingress("'1'")),
    ),
    ProblemRow(
        code="LB192",
        slug="template-leftover",
        severity="error",
        summary="{text} is a template that was not rendered",
        why="Helm turns the templates of a chart into Kubernetes YAML; Kubernetes refuses a template, or uses its text literally",
        fix="render it first and pass the result: helm template RELEASE CHART | albatross lint -f -",
        example=files(_SERVICE.format(name="{{ .Release.Name }}-web", type="NodePort"), _SERVICE.format(name="shop-web", type="NodePort")),
    ),
    ProblemRow(
        code="LB193",
        slug="not-an-object",
        severity="error",
        summary="this document has no {field}, so it is not a Kubernetes object",
        why="every Kubernetes object has apiVersion, kind and metadata.name; without them the object is unknown",
        fix="add {field}, or do not pass this file",
        source="https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields",
        example=files("apiVersion: v1\nkind: Service\nmetadata:\n  labels: {app: web}\n", _SERVICE.format(name="web", type="NodePort")),
    ),
    ProblemRow(
        code="LB194",
        slug="malformed-object",
        severity="error",
        summary="{field} must be {expected}, not {got}",
        why="the Kubernetes API server refuses an object if a field has the wrong type; other problems are found as if the field had the "
        "value that was probably meant",
        fix="write {expected}; a number, or a word such as true, yes or on, is a string only if it has quotes",
        source="https://kubernetes.io/docs/reference/kubernetes-api/",
        example=files(_ingress("1"), _ingress("'1'")),
    ),
    ProblemRow(
        code="LB195",
        slug="duplicate-object",
        severity="warning",
        summary="{object} is defined more than once; the last definition is used",
        why="kubectl apply applies the definitions in order, so the last one overwrites the others",
        fix="keep only one of them",
        example=files(
            _SERVICE.format(name="web", type="ClusterIP") + "---\n" + _SERVICE.format(name="web", type="NodePort"),
            _SERVICE.format(name="web", type="NodePort"),
        ),
    ),
    ProblemRow(
        code="LB196",
        slug="duplicate-key",
        severity="warning",
        summary='key "{key}" occurs twice here; the last value is used',
        why="YAML forbids duplicate keys; kubectl uses the last one without a warning, and other tools use the first",
        fix="keep only one of them",
        source="https://yaml.org/spec/1.2.2/#3213-node-comparison",
        example=files(_SERVICE.format(name="web", type="ClusterIP") + "  type: NodePort\n", _SERVICE.format(name="web", type="NodePort")),
    ),
    ProblemRow(
        code="LB762",
        slug="unknown-field",
        at_key=True,
        severity="warning",
        summary="field {name} is unknown and ignored",
        why="kubectl apply refuses an object with such a field; other clients apply it without the field",
        fix="correct the name, or remove the field{meant}",
        source="https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation",
        example=files(
            _ingress("'1'").replace("  annotations:", "  annotation:"),
            _ingress("'1'"),
        ),
    ),
    ProblemRow(
        code="LB197",
        slug="withdrawn-api-version",
        severity="error",
        summary="{kind} is no longer served as {version}",
        why="Kubernetes 1.22 removed the beta versions of Ingress and IngressClass; newer API servers refuse them",
        fix="write apiVersion: {wanted}; in an Ingress, write service.name and service.port.number (or service.port.name) instead of "
        "serviceName and servicePort, spec.defaultBackend instead of spec.backend, and a pathType for every path (a path without one was "
        "ImplementationSpecific)",
        source="https://kubernetes.io/docs/reference/using-api/deprecation-guide/#ingress-v122",
        example=files(_ingress("'1'").replace("/v1", "/v1beta1").replace(_BACKEND, "{serviceName: web, servicePort: 80}"), _ingress("'1'")),
    ),
    ProblemRow(
        code="LB189",
        slug="refused-by-api-server",
        severity="error",
        summary="the API server refuses {field}: {reason}",
        why="kubectl apply fails with this text, so the object does not come into the cluster, or stays as it was",
        fix="{way}",
        source="https://kubernetes.io/docs/reference/kubernetes-api/",
        example=files(
            _INGRESS.format(order="'1'", host="WWW.example.com"),
            _ingress("'1'"),
        ),
    ),
)
