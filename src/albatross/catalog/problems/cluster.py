"""LB2##: objects of the cluster that are missing or do not fit."""

from albatross.catalog.problems import service
from albatross.catalog.problems.example import SECURE, action, annotated, ingress, path, spec, swapped, together
from albatross.catalog.problems.row import Example, ProblemRow

_KUBE = "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class"
_ENDPOINTS = ", ".join(f'"{each}Endpoint": "https://a.example/{each}"' for each in ("authorization", "token", "userInfo"))
_PROVIDER = f'{{"issuer": "https://a.example", {_ENDPOINTS}, "secretName": "oidc"}}'
_OIDC = {**SECURE, "auth-type": "oidc", "auth-idp-oidc": _PROVIDER}
_WEIGHTED = '{"type": "forward", "forwardConfig": {"targetGroups": ['
_TARGET = '{"serviceName": "web", "servicePort": 80, "weight": 1}'
_CLUSTER_IP = "kind: Service\nmetadata:\n  name: web\nspec:\n  type: ClusterIP\n  ports:\n  - {name: http, port: 80, targetPort: 8080}\n"
_DELETED = "kind: Ingress\nmetadata:\n  name: app\n  deletionTimestamp: '2026-01-01T00:00:00Z'\n  finalizers: [ingress.k8s.aws/resources]\n"
_LEFT = "kind: Ingress\nmetadata:\n  name: app\n  finalizers: [group.ingress.k8s.aws/team]\n"
_PROTECTED = "  annotations:\n    alb.ingress.kubernetes.io/load-balancer-attributes: deletion_protection.enabled={value}\n"
_CLASSED = (
    "kind: Ingress\nmetadata:\n  name: app\n  annotations: {kubernetes.io/ingress.class: %s, alb.ingress.kubernetes.io/scheme: internal}\n"
)
_CLASS = "kind: IngressClass\nmetadata:\n  name: alb\nspec:\n  parameters: {{apiGroup: {group}, kind: {kind}, name: {name}}}\n"
_PARAMS = "kind: IngressClassParams\nmetadata:\n  name: {name}\nspec: {spec}\n"


def _default(name: str) -> str:
    mark = "  annotations:\n    ingressclass.kubernetes.io/is-default-class: 'true'\n"
    return f"kind: IngressClass\nmetadata:\n  name: {name}\n{mark}spec:\n  controller: ingress.k8s.aws/alb\n"


def _secret(**data: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"kind: Secret\nmetadata:\n  name: oidc\ndata:\n{lines}"


def _oidc(broken: str, fixed: str) -> Example:
    ingress = swapped(_OIDC, _OIDC).broken
    return Example(f"{ingress}---\n{broken}" if broken else ingress, f"{ingress}---\n{fixed}")


_CLASSLESS = "spec:\n  ingressClassName: {name}\n"
_NO_EXTERNAL_NAME = (
    "use a Service with a selector in this namespace; for a Service of another namespace, write an Ingress there with the same group.name; "
    "or write an actions annotation with the targetGroupARN of a target group that you manage"
)
_EXTERNAL = "kind: Service\nmetadata: {name: web}\nspec: {type: ExternalName, externalName: api.example.com, selector: null}\n---\n"
_IP = ingress({"target-type": "ip"})

ROWS: tuple[ProblemRow, ...] = (
    *service.CLUSTER,
    ProblemRow(
        code="LB250",
        slug="no-class",
        severity="warning",
        summary="the Ingress has annotations of this controller, but no class, and no IngressClass in the files is the default",
        why="without a class, only the default IngressClass of the cluster decides who serves the Ingress; without one, nobody does",
        fix="set spec.ingressClassName, for example to alb",
        example=Example(
            ingress({"scheme": "internal"}, _CLASSLESS.format(name="null")),
            ingress({"scheme": "internal"}, _CLASSLESS.format(name="alb")),
            partial=True,
        ),
    ),
    ProblemRow(
        code="LB260",
        slug="external-name-backend",
        severity="warning",
        summary="Service {service} has type ExternalName, so its target group has no targets",
        why="a load balancer sends requests to addresses; an ExternalName Service is only a DNS name and has no endpoints",
        fix=_NO_EXTERNAL_NAME,
        example=Example(_EXTERNAL + _IP, _IP),
    ),
    ProblemRow(
        code="LB261",
        slug="external-name-instance",
        severity="error",
        summary="Service {service} has type ExternalName, so it has no endpoints and no node port for instance targets",
        why="a load balancer sends requests to addresses; an ExternalName Service is only a DNS name and has no endpoints",
        fix=_NO_EXTERNAL_NAME,
        example=Example(_EXTERNAL, _IP),
    ),
    ProblemRow(
        code="LB201",
        slug="ingress-class-missing",
        severity="error",
        summary='IngressClass "{name}" does not exist',
        source=_KUBE,
        why="without the class it is unknown which controller serves the Ingress",
        fix="create the class, or name a class that exists{hint}",
        example=spec("spec:\n  ingressClassName: abl", "spec:\n  ingressClassName: alb"),
    ),
    ProblemRow(
        code="LB757",
        slug="class-annotation-mistyped",
        severity="error",
        summary='annotation kubernetes.io/ingress.class is "{name}", but no IngressClass has this name; did you mean "{meant}"?',
        source=_KUBE,
        why="only the annotation decides which controller serves the Ingress, and no controller answers to a name without a class",
        fix="write {meant}; or create an IngressClass {name}, if another controller serves it",
        example=Example(_CLASSED % "abl", _CLASSED % "alb"),
    ),
    ProblemRow(
        code="LB763",
        slug="class-name-mistyped",
        severity="warning",
        summary='no IngressClass in the files has the name "{name}"; did you mean "{meant}"?',
        source=_KUBE,
        why="if the cluster has no IngressClass with this name either, no controller serves the Ingress, and no load balancer is created",
        fix="write {meant}; or add IngressClass {name} to the files, if the cluster has it",
        example=Example(
            ingress({"scheme": "internal"}, _CLASSLESS.format(name="abl")),
            ingress({"scheme": "internal"}, _CLASSLESS.format(name="alb")),
            partial=True,
        ),
    ),
    ProblemRow(
        code="LB202",
        slug="unknown-class-parameters",
        severity="error",
        summary='IngressClass {name} has parameters of kind "{kind}" in API group "{group}"',
        source=_KUBE,
        why="only IngressClassParams in API group elbv2.k8s.aws are supported",
        fix="refer to an IngressClassParams object in API group elbv2.k8s.aws",
        example=Example(
            _CLASS.format(group="example.com", kind="Params", name="p"),
            _CLASS.format(group="elbv2.k8s.aws", kind="IngressClassParams", name="p") + "---\n" + _PARAMS.format(name="p", spec="{}"),
        ),
    ),
    ProblemRow(
        code="LB203",
        slug="class-parameters-missing",
        severity="error",
        summary='IngressClassParams "{name}" does not exist, but IngressClass {by} refers to it',
        why="the operator's settings for the class are unknown",
        fix="create the IngressClassParams, correct the name, or remove spec.parameters from the class{hint}",
        example=Example(
            _CLASS.format(group="elbv2.k8s.aws", kind="IngressClassParams", name="p"),
            _CLASS.format(group="elbv2.k8s.aws", kind="IngressClassParams", name="p") + "---\n" + _PARAMS.format(name="p", spec="{}"),
        ),
    ),
    ProblemRow(
        code="LB204",
        slug="namespace-not-selected",
        severity="error",
        summary="IngressClassParams {name} does not allow namespace {namespace}",
        why="its namespaceSelector does not match the labels of the namespace",
        fix="add the labels to the namespace, or use another class",
        example=Example(
            _CLASS.format(group="elbv2.k8s.aws", kind="IngressClassParams", name="p")
            + "---\n"
            + _PARAMS.format(name="p", spec="{namespaceSelector: {matchLabels: {team: other}}}"),
            _CLASS.format(group="elbv2.k8s.aws", kind="IngressClassParams", name="p")
            + "---\n"
            + _PARAMS.format(name="p", spec="{namespaceSelector: {}}"),
        ),
    ),
    ProblemRow(
        code="LB205",
        slug="several-default-classes",
        severity="error",
        summary="several IngressClasses are marked as default: {classes}",
        source=_KUBE,
        why="it is unknown which class applies to the Ingress",
        fix="remove the annotation ingressclass.kubernetes.io/is-default-class from all classes but one, or name a class in "
        "spec.ingressClassName",
        example=Example(
            together(_default("alb"), _default("nginx"), ingress({}, "spec:\n  ingressClassName: null")),
            together(_default("alb"), _default("nginx"), ingress({}, "spec:\n  ingressClassName: alb")),
        ),
    ),
    ProblemRow(
        code="LB206",
        slug="service-missing",
        severity="warning",
        summary="Service {service} does not exist; requests get a 503 response",
        why="the rule is kept, so that the other hosts and paths are served",
        fix="create the Service, or correct its name{hint}",
        example=spec(path("/", service="wbe"), path("/")),
    ),
    ProblemRow(
        code="LB207",
        slug="weighted-service-missing",
        severity="error",
        summary="Service {service} does not exist",
        why="one of several targets is missing, so the weights would be wrong",
        fix="create the Service, or correct its name, or remove it from the action{hint}",
        example=action(f"{_WEIGHTED}{_TARGET}, {_TARGET.replace('web', 'wbe')}]}}}}", f"{_WEIGHTED}{_TARGET}]}}}}"),
    ),
    ProblemRow(
        code="LB208",
        slug="service-port-missing",
        severity="error",
        summary="Service {service} has no port {port}; its ports: {known}",
        why="there is no port to forward to",
        fix="use one of: {known}",
        example=spec(path("/", port="number: 81"), path("/")),
    ),
    ProblemRow(
        code="LB209",
        slug="no-node-port",
        severity="error",
        summary="port {port} of Service {service} ({type}) has no node port, but instance targets need one",
        why="with target-type instance, requests reach the pods through a node port",
        fix="set target-type to ip, or change the type of the Service to NodePort",
        example=Example(_CLUSTER_IP, annotated("target-type", "", "ip").fixed + "---\n" + _CLUSTER_IP),
    ),
    ProblemRow(
        code="LB210",
        slug="no-target-port",
        severity="error",
        summary="port {port} of Service {service} ({type}) has no target port",
        why="with target-type ip, requests go to this port of the pods",
        fix="set targetPort of this port in the Service",
        unshown="Kubernetes fills in the target port, so only an object that was never in a cluster can lack it",
    ),
    ProblemRow(
        code="LB211",
        slug="secret-missing",
        severity="error",
        summary="Secret {secret} does not exist",
        why="the Secret contains the client ID and the client secret",
        fix="create the Secret, with clientID and clientSecret in its data, or correct its name{hint}",
        example=_oidc("", _secret(clientID="YQ==", clientSecret="YQ==")),
    ),
    ProblemRow(
        code="LB212",
        slug="secret-key-missing",
        severity="error",
        summary="the Secret has no {key}",
        why="both clientID and clientSecret are required",
        fix="add {key} to the Secret's data",
        example=_oidc(_secret(clientID="YQ=="), _secret(clientID="YQ==", clientSecret="YQ==")),
    ),
    ProblemRow(
        code="LB213",
        slug="action-missing",
        severity="warning",
        summary="annotation actions.{name} is missing; requests get a 503 response",
        why="the port of the backend is use-annotation, so an annotation must define the action",
        fix="add annotation actions.{name}, or name a port of a Service",
        example=Example(
            "kind: Ingress\nmetadata:\n  name: app\n" + path("/", port="name: use-annotation", service="go") + "\n",
            swapped({"actions.go": '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "/go"}}'}, {}).broken
            + path("/", port="name: use-annotation", service="go")
            + "\n",
        ),
    ),
    ProblemRow(
        code="LB214",
        slug="deletion-protected",
        severity="error",
        summary="the load balancer of this object must be deleted, but it has deletion protection",
        why="an annotation of this object sets deletion_protection.enabled=true; until you change it, its whole group stays as it is",
        fix="set deletion_protection.enabled=false in annotation {annotation} of this object",
        example=Example(_DELETED + _PROTECTED.format(value="true"), _DELETED + _PROTECTED.format(value="false")),
    ),
    ProblemRow(
        code="LB215",
        slug="legacy-secret-key",
        severity="note",
        summary="the Secret has {key}, an old spelling of {better}",
        why="both spellings work",
        fix="rename the key to {better}",
        example=_oidc(_secret(clientId="YQ==", clientSecret="YQ=="), _secret(clientID="YQ==", clientSecret="YQ==")),
    ),
    ProblemRow(
        code="LB216",
        slug="protected-load-balancer-left",
        severity="error",
        summary="the Ingress leaves group {group}, which is then empty, but the load balancer of that group is protected from deletion",
        why="the Ingress's own annotation sets deletion_protection.enabled=true, so the load balancer of the empty group is not deleted",
        fix="set deletion_protection.enabled=false in its annotation load-balancer-attributes, or move the Ingress back into the group",
        example=Example(_LEFT + _PROTECTED.format(value="true"), _LEFT + _PROTECTED.format(value="false")),
    ),
)
