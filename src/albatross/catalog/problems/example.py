"""Short forms of examples: patches over the base objects of the documentation, as YAML."""

from collections.abc import Mapping

from albatross.catalog.problems.row import Example

PREFIX = "alb.ingress.kubernetes.io/"
CERTIFICATE = "arn:aws:acm:ap-northeast-2:123456789012:certificate/ddb02d7d-ff7e-44c5-b28d-c2b0e94a8a2e"
WEB_ACL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/prod/aaaa1111"
SECURE = {"listen-ports": '[{"HTTPS": 443}]', "certificate-arn": CERTIFICATE}
"""Annotations of a listener with TLS."""
BOTH = {**SECURE, "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]'}
"""The same, and a listener without TLS."""


def quoted(text: str) -> str:
    """A YAML scalar that is always a string."""
    return "'" + text.replace("'", "''") + "'"


def patch(kind: str, name: str, annotations: Mapping[str, str], body: str = "") -> str:
    """One object: kind, name, annotations (without their prefix), and the rest as YAML text."""
    lines = [f"kind: {kind}", "metadata:", f"  name: {name}"]
    if annotations:
        lines.append("  annotations:")
        lines += [f"    {PREFIX}{key}: {quoted(value)}" for key, value in annotations.items()]
    return "\n".join([*lines, *([body.strip("\n")] if body else [])]) + "\n"


def ingress(annotations: Mapping[str, str], body: str = "", name: str = "app") -> str:
    """The Ingress `app`, or another Ingress."""
    return patch("Ingress", name, annotations, body)


def annotated(name: str, broken: str, fixed: str, **others: str) -> Example:
    """One annotation with a bad and a good value, and other annotations (`_` in their names means `-`)."""
    beside = {key.replace("_", "-"): value for key, value in others.items()}
    return Example(ingress({name: broken, **beside}), ingress({name: fixed, **beside}))


def swapped(broken: Mapping[str, str], fixed: Mapping[str, str]) -> Example:
    """Two sets of annotations."""
    return Example(ingress(broken), ingress(fixed))


def together(*documents: str) -> str:
    """Several objects."""
    return "---\n".join(documents)


def spec(broken: str, fixed: str, **annotations: str) -> Example:
    """Two specs with the same annotations."""
    beside = {key.replace("_", "-"): value for key, value in annotations.items()}
    return Example(ingress(beside, broken), ingress(beside, fixed))


def path(text: str, kind: str = "Prefix", port: str = "number: 80", service: str = "web", host: str = "www.example.com") -> str:
    """A spec with one path."""
    return f"""spec:
  rules:
  - host: {host}
    http:
      paths:
      - path: {text}
        pathType: {kind}
        backend:
          service: {{name: {service}, port: {{{port}}}}}"""


OTHER = path("/", host="other.example.com")
"""A spec for a second member of the group."""


def ruled(spec: str, name: str = "alb") -> str:
    """An IngressClass with parameters. `spec` is the spec of the parameters, in the flow style of YAML."""
    parameters = f"{{apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: {name}}}"
    head = f"kind: IngressClass\nmetadata:\n  name: {name}\nspec:\n  controller: ingress.k8s.aws/alb\n  parameters: {parameters}\n"
    return together(head, f"kind: IngressClassParams\nmetadata:\n  name: {name}\nspec: {spec}\n")


def files(broken: str, fixed: str) -> Example:
    """Two whole files."""
    return Example(broken, fixed, whole=True)


def action(broken: str, fixed: str) -> Example:
    """The action `web`, with the path that uses it."""
    body = path("/", port="name: use-annotation")
    return Example(ingress({"actions.web": broken}, body), ingress({"actions.web": fixed}, body))


def pair(broken: Mapping[str, str], fixed: Mapping[str, str], first: Mapping[str, str]) -> Example:
    """Two members of one group: the first as given, the second (`other`) broken and fixed."""
    group = {"group.name": "team"}
    head = ingress({**group, **first})
    return Example(
        together(head, ingress({**group, **broken}, OTHER, "other")),
        together(head, ingress({**group, **fixed}, OTHER, "other")),
    )
