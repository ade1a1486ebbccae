"""LB1##: settings on which the members of a group disagree, and settings without effect."""

from albatross.catalog.problems.example import OTHER, SECURE, annotated, ingress, pair, path, ruled, swapped, together
from albatross.catalog.problems.row import Example, ProblemRow

_GUIDE = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/"
_COND = '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}}]'

_TAGGED = "{subnets: {tags: {Name: [private-a, private-b]}}}"
_NAMED = {"subnets": "private-a,private-b"}
_WIDE = "spec:\n  ingressClassName: wide"
_TWO_WEB = "kind: Service\nmetadata:\n  name: two-web\nspec:\n  type: NodePort\n  ports:\n  - {name: http, port: 80, nodePort: 30081}\n"


def _namesakes(second: str) -> str:
    """Ingress `app` with Service `two-web`, and another Ingress with Service `web`."""
    team = {"group.name": "team"}
    return together(_TWO_WEB, ingress(team, path("/", service="two-web")), ingress(team, OTHER, second))


GROUPS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB123",
        slug="conflict",
        severity="error",
        summary='{setting} is "{value}" here, but {by} sets "{first}"',
        why="the members of a group share one load balancer, which can have only one value; the value that is served now is used; "
        "while no member is served, the first one in group order decides",
        fix="use the same value as {by}, remove the setting here, or leave the group",
        example=pair({"scheme": "internal"}, {"scheme": "internet-facing"}, {"scheme": "internet-facing"}),
    ),
    ProblemRow(
        code="LB125",
        slug="protocol-conflict",
        severity="error",
        summary="port {port} is {protocol} here, but {by} uses {first} on this port",
        why="a listener has only one protocol",
        fix="use another port, or use {first}",
        example=pair({"listen-ports": '[{"HTTP": 443}]'}, SECURE, SECURE),
    ),
    ProblemRow(
        code="LB171",
        slug="target-group-collides",
        severity="error",
        summary="Service {service} here and Service {other} of {by} would get the same target group, {id}; this route is left out",
        why="a target group has the id namespace/ingress-service:port; names can contain hyphens, so two different pairs can give one id",
        fix="rename this Ingress or its Service, or move the Ingress out of the group",
        example=Example(_namesakes("app-two"), _namesakes("app-2")),
    ),
    ProblemRow(
        code="LB126",
        slug="unused-condition-config",
        severity="warning",
        summary='{key} is ignored: the field of the condition is "{kind}"',
        why="each condition field has its values in an object of its own",
        fix="remove this object, or move it to a separate condition",
        example=annotated(
            "conditions.web",
            '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}, '
            '"sourceIPConfig": {"values": []}}]',
            _COND,
        ),
    ),
    ProblemRow(
        code="LB127",
        slug="port-listed-twice",
        severity="warning",
        summary="port {port} is listed with two protocols; the last one is used",
        why="a listener has only one protocol",
        fix="list each port once",
        example=annotated("listen-ports", '[{"HTTPS": 80}, {"HTTP": 80}]', '[{"HTTP": 80}]'),
    ),
    ProblemRow(
        code="LB137",
        slug="invalid-group-name",
        severity="error",
        summary='"{name}" is not a valid group name',
        why="a group name contains only lower case letters, digits, '-' and '.', and starts and ends with a letter or digit; without a "
        "valid name nothing can be built",
        fix="write a name such as team-a",
        example=annotated("group.name", "Team_A", "team-a"),
    ),
    ProblemRow(
        code="LB138",
        slug="group-name-too-long",
        severity="error",
        summary="the group name has {length} characters; at most 63 are allowed",
        why="the name becomes part of a finalizer and of a label",
        fix="shorten the name to 63 characters or fewer",
        example=annotated("group.name", "g" * 64, "g" * 63),
    ),
    ProblemRow(
        code="LB152",
        slug="second-default-backend",
        severity="error",
        summary="port {port} already has a default backend, from {by}",
        why="a listener has only one default action, so this default backend is left out",
        fix="remove spec.defaultBackend here, or listen on another port",
        example=Example(
            "kind: Ingress\nmetadata:\n  name: app\n  annotations:\n    alb.ingress.kubernetes.io/group.name: team\n"
            "spec:\n  defaultBackend:\n    service: {name: web, port: {number: 80}}\n---\n"
            + ingress({"group.name": "team"}, "spec:\n  defaultBackend:\n    service: {name: web, port: {number: 80}}", "other"),
            "kind: Ingress\nmetadata:\n  name: app\n  annotations:\n    alb.ingress.kubernetes.io/group.name: team\n"
            "spec:\n  defaultBackend:\n    service: {name: web, port: {number: 80}}\n---\n"
            + ingress({"group.name": "team"}, OTHER, "other"),
        ),
    ),
    ProblemRow(
        code="LB161",
        slug="subnet-sources-conflict",
        severity="error",
        summary="this annotation names subnets, but {by} selects the subnets for another member",
        why="an annotation and class parameters cannot both select the subnets of one load balancer",
        fix="remove the annotation, or remove the subnets from the class parameters",
        example=Example(
            together(
                ruled(_TAGGED, "wide"),
                ingress({"group.name": "team"}, _WIDE),
                ingress({**_NAMED, "group.name": "team"}, OTHER, "other"),
            ),
            together(ruled(_TAGGED, "wide"), ingress({"group.name": "team"}, _WIDE), ingress({"group.name": "team"}, OTHER, "other")),
        ),
    ),
)

USES: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB130",
        slug="overruled-by-class",
        severity="note",
        summary="{annotation} is ignored: {by} overrides it",
        why="class parameters override annotations; the annotation is not even read",
        fix="remove the annotation",
        example=Example(
            together(ruled("{scheme: internal}"), ingress({"scheme": "internet-facing"})),
            together(ruled("{scheme: internal}"), ingress({})),
        ),
    ),
    ProblemRow(
        code="LB131",
        slug="unknown-annotation",
        at_key=True,
        severity="warning",
        summary="annotation {annotation} is unknown and ignored",
        source=_GUIDE,
        why="a misspelled annotation has no effect",
        fix="correct the name, or remove the annotation{hint}",
        example=swapped({"target-typ": "ip"}, {"target-type": "ip"}),
    ),
    ProblemRow(
        code="LB438",
        slug="annotation-of-another-controller",
        severity="warning",
        summary="{annotation} has no effect here: it is an annotation for {reader}",
        why="this controller reads its own annotations only, so the load balancer does not get this setting",
        fix="{way}",
        example=Example(
            "kind: Ingress\nmetadata:\n  name: app\n  annotations: {nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8}\n",
            ingress({"inbound-cidrs": "10.0.0.0/8"}),
        ),
    ),
    ProblemRow(
        code="LB132",
        slug="annotation-on-wrong-kind",
        severity="warning",
        summary="{annotation} has no effect on objects of kind {kind}; it is read only on: {kinds}",
        why="the controller does not read this annotation here",
        fix="move the annotation to: {kinds}",
        example=Example(
            "kind: Service\nmetadata:\n  name: web\n  annotations:\n    alb.ingress.kubernetes.io/scheme: internal\n",
            ingress({"scheme": "internal"}),
        ),
    ),
    ProblemRow(
        code="LB133",
        slug="annotation-without-effect",
        severity="warning",
        summary="{annotation} has no effect: {reason}",
        why="the controller does not apply this setting",
        fix="remove the annotation, or add the setting that it needs",
        example=swapped(
            {"ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}, {"ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06", **SECURE}
        ),
    ),
    ProblemRow(
        code="LB134",
        slug="deprecated-annotation",
        severity="note",
        summary="{annotation} is deprecated: {reason}",
        why="the annotation still works, but a later version may remove it",
        fix="{reason}",
        example=swapped({"waf-acl-id": "none"}, {"wafv2-acl-arn": "none"}),
    ),
    ProblemRow(
        code="LB135",
        slug="reserved-tag",
        severity="warning",
        summary='tag key "{key}" is reserved and cannot be set',
        why="AWS refuses keys that start with aws:, and the controller sets its tracking tags itself",
        fix="use another key",
        example=annotated("tags", "elbv2.k8s.aws/cluster=mine", "cluster=mine"),
    ),
    ProblemRow(
        code="LB136",
        slug="externally-managed-tag",
        severity="error",
        summary='tag key "{key}" is managed outside the controller and must not be set',
        why="the operator listed the key in --external-managed-tags",
        fix="remove the tag",
        example=Example(ingress({"tags": "team=a"}), ingress({"tags": "owner=a"}), flags=("--external-managed-tags=team",)),
    ),
    ProblemRow(
        code="LB139",
        slug="unknown-capacity-key",
        severity="error",
        summary='"{key}" is not a capacity key; the only key is CapacityUnits',
        why="the map has exactly this one key",
        fix="write CapacityUnits and a number, such as CapacityUnits=100",
        example=annotated("minimum-load-balancer-capacity", "Units=100", "CapacityUnits=100"),
    ),
    ProblemRow(
        code="LB140",
        slug="invalid-port-mapping",
        severity="error",
        summary='"{pair}" does not map one port to another',
        why="the format is: port of the network load balancer = port of the application load balancer",
        fix="write numbers, such as 8443=443",
        example=annotated(
            "frontend-nlb-listener-port-mapping",
            "http=80",
            "8080=80",
            enable_frontend_nlb="true",
            frontend_nlb_healthcheck_success_codes="200,404",
        ),
    ),
    ProblemRow(
        code="LB164",
        slug="mapped-port-unused",
        severity="warning",
        summary="front port {front} is left out: it maps to port {behind}, but this object listens only on {known}",
        why="there is no listener to forward to",
        fix="map it to one of: {known}, or add the port to listen-ports",
        example=annotated(
            "frontend-nlb-listener-port-mapping",
            "8080=8080",
            "8080=80",
            enable_frontend_nlb="true",
            frontend_nlb_healthcheck_success_codes="200,404",
        ),
    ),
)

ROWS: tuple[ProblemRow, ...] = (*GROUPS, *USES)
