"""LB190 to LB199: faults of the files themselves, before any object is understood."""

from albatross.catalog.problems.example import files
from albatross.catalog.problems.row import ProblemRow

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  type: {type}\n"
_INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  annotations:
    alb.ingress.kubernetes.io/group.order: {order}
spec:
  ingressClassName: alb
"""

ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB190",
        slug="unreadable-file",
        severity="error",
        summary="cannot read {file}: {reason}",
        why="what stands in the file takes no part in the result, so the result would be wrong for the cluster it describes",
        fix="check the path and the permissions, and save the file as UTF-8 text",
        unshown="it is a path that is not there, or a file that is no text",
    ),
    ProblemRow(
        code="LB191",
        slug="malformed-yaml",
        severity="error",
        summary="this is not YAML: {reason}",
        why="the document is left out; every other document of the file, and every other file, is still read",
        fix="mend the document where the marker stands; a frequent cause is a value with `: ` or `#` in it that wants quotes",
        example=files(_INGRESS.format(order="first: 1"), _INGRESS.format(order="'1'")),
    ),
    ProblemRow(
        code="LB192",
        slug="template-leftover",
        severity="error",
        summary="{text} is a template that nobody rendered",
        why="a chart's template becomes Kubernetes YAML only when Helm fills it in; Kubernetes would refuse the text as it stands, "
        "or take it literally",
        fix="render it first and pass the result: helm template RELEASE CHART | albatross lint -f -",
        example=files(_SERVICE.format(name="{{ .Release.Name }}-web", type="NodePort"), _SERVICE.format(name="shop-web", type="NodePort")),
    ),
    ProblemRow(
        code="LB193",
        slug="not-an-object",
        severity="error",
        summary="this document has no {field}, so it is no Kubernetes object",
        why="every Kubernetes object says its apiVersion, kind and metadata.name; without them it cannot be told what it is",
        fix="add {field}, or leave the file out",
        source="https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields",
        example=files("apiVersion: v1\nkind: Service\nmetadata:\n  labels: {app: web}\n", _SERVICE.format(name="web", type="NodePort")),
    ),
    ProblemRow(
        code="LB194",
        slug="malformed-object",
        severity="error",
        summary="{field} should be {expected}, not {got}",
        why="the Kubernetes API server refuses an object whose fields have another type than its schema says; the object is left out",
        fix="write {expected} there; a number or a word such as true, yes or on is text only in quotes",
        source="https://kubernetes.io/docs/reference/kubernetes-api/",
        example=files(_INGRESS.format(order="1"), _INGRESS.format(order="'1'")),
    ),
    ProblemRow(
        code="LB195",
        slug="duplicate-object",
        severity="warning",
        summary="{object} is defined more than once; the last definition counts",
        why="kubectl apply takes the definitions in turn, so the last one overwrites those before it",
        fix="keep one of them",
        example=files(
            _SERVICE.format(name="web", type="ClusterIP") + "---\n" + _SERVICE.format(name="web", type="NodePort"),
            _SERVICE.format(name="web", type="NodePort"),
        ),
    ),
    ProblemRow(
        code="LB196",
        slug="duplicate-key",
        severity="warning",
        summary='key "{key}" stands twice here; the last one counts',
        why="YAML forbids it, kubectl takes the last one without a word, and other tools take the first",
        fix="keep one of them",
        source="https://yaml.org/spec/1.2.2/#3213-node-comparison",
        example=files(_SERVICE.format(name="web", type="ClusterIP") + "  type: NodePort\n", _SERVICE.format(name="web", type="NodePort")),
    ),
    ProblemRow(
        code="LB197",
        slug="withdrawn-api-version",
        severity="error",
        summary="{kind} is not served as {version} any more",
        why="Kubernetes 1.22 withdrew the beta versions of Ingress and IngressClass; an API server of today refuses them",
        fix="write apiVersion: {wanted}; in an Ingress, backend becomes service.name and service.port, and every path wants a pathType",
        source="https://kubernetes.io/docs/reference/using-api/deprecation-guide/#ingress-v122",
        example=files(_INGRESS.format(order="'1'").replace("/v1", "/v1beta1"), _INGRESS.format(order="'1'")),
    ),
)
