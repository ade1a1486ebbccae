"""LB1##: what members of a group disagree on, and what has no effect."""

from albatross.catalog.problems.example import annotated, ingress, pair, path, ruled, swapped, together
from albatross.catalog.problems.row import Example, ProblemRow

_GUIDE = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/"
_HTTPS = {"listen-ports": '[{"HTTPS": 443}]', "certificate-arn": "arn:aws:acm:eu-west-1:123456789012:certificate/1"}
_COND = '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}}]'

_TAGGED = "{subnets: {tags: {Name: [private-a, private-b]}}}"
_NAMED = {"subnets": "private-a,private-b"}
_WIDE = "spec:\n  ingressClassName: wide"
_TWO_WEB = "kind: Service\nmetadata:\n  name: two-web\nspec:\n  type: NodePort\n  ports:\n  - {name: http, port: 80, nodePort: 30081}\n"


def _namesakes(second: str) -> str:
    """Ingress `app` with Service `two-web`, beside another one with Service `web`."""
    team = {"group.name": "team"}
    return together(_TWO_WEB, ingress(team, path("/", service="two-web")), ingress(team, path("/other"), second))


GROUPS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB123",
        slug="conflict",
        severity="error",
        summary='{setting} is "{value}" here, but {by} says "{first}"',
        why="the members of a group share one load balancer, which can have only one value; the first member in group order is right",
        fix="agree with {by}, leave the setting out here, or leave the group",
        example=pair({"scheme": "internal"}, {"scheme": "internet-facing"}, {"scheme": "internet-facing"}),
    ),
    ProblemRow(
        code="LB125",
        slug="protocol-conflict",
        severity="error",
        summary="port {port} is {protocol} here, but {by} has it as {first}",
        why="a listener speaks one protocol",
        fix="use another port, or {first}",
        example=pair({"listen-ports": '[{"HTTP": 443}]'}, _HTTPS, _HTTPS),
    ),
    ProblemRow(
        code="LB171",
        slug="target-group-collides",
        severity="error",
        summary="Service {service} here and Service {other} of {by} would be one target group: both are {id}; this route is left out",
        why="a target group is known by its id, namespace/ingress-service:port, and as names may hold dashes, two pairs can spell one id",
        fix="rename this Ingress or its Service, or leave the group",
        example=Example(_namesakes("app-two"), _namesakes("app-2")),
    ),
    ProblemRow(
        code="LB126",
        slug="unused-condition-config",
        severity="warning",
        summary="{key} is ignored: the condition is {kind}",
        why="each kind of condition has an object of its own",
        fix="remove it, or make another condition of it",
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
        summary="port {port} is listed with two protocols; the last one counts",
        why="a listener speaks one protocol",
        fix="list each port once",
        example=annotated("listen-ports", '[{"HTTPS": 80}, {"HTTP": 80}]', '[{"HTTP": 80}]'),
    ),
    ProblemRow(
        code="LB137",
        slug="invalid-group-name",
        severity="error",
        summary='"{name}" is no group name',
        why="a group name has lower case letters, digits, '-' and '.', and starts and ends with a letter or "
        "digit; nothing can be built without one",
        fix="write a name like team-a",
        example=annotated("group.name", "Team_A", "team-a"),
    ),
    ProblemRow(
        code="LB138",
        slug="group-name-too-long",
        severity="error",
        summary="the group name has {length} characters, 63 are allowed",
        why="it becomes part of a finalizer and a label",
        fix="shorten it to 63 characters",
        example=annotated("group.name", "g" * 64, "g" * 63),
    ),
    ProblemRow(
        code="LB152",
        slug="second-default-backend",
        severity="error",
        summary="port {port} has a default backend already, from {by}",
        why="a listener has one default action; this one is left out",
        fix="remove spec.defaultBackend here, or listen on another port",
        example=Example(
            "kind: Ingress\nmetadata:\n  name: app\n  annotations:\n    alb.ingress.kubernetes.io/group.name: team\n"
            "spec:\n  defaultBackend:\n    service: {name: web, port: {number: 80}}\n---\n"
            + ingress({"group.name": "team"}, "spec:\n  defaultBackend:\n    service: {name: web, port: {number: 80}}", "other"),
            "kind: Ingress\nmetadata:\n  name: app\n  annotations:\n    alb.ingress.kubernetes.io/group.name: team\n"
            "spec:\n  defaultBackend:\n    service: {name: web, port: {number: 80}}\n---\n"
            + ingress({"group.name": "team"}, path("/other"), "other"),
        ),
    ),
    ProblemRow(
        code="LB161",
        slug="subnet-sources-conflict",
        severity="error",
        summary="subnets are given here, but {by} chooses them for another member",
        why="class parameters and annotations cannot both choose the subnets of one load balancer",
        fix="remove the annotation, or the class's subnets",
        example=Example(
            together(
                ruled(_TAGGED, "wide"),
                ingress({"group.name": "team"}, _WIDE),
                ingress({**_NAMED, "group.name": "team"}, path("/other"), "other"),
            ),
            together(
                ruled(_TAGGED, "wide"), ingress({"group.name": "team"}, _WIDE), ingress({"group.name": "team"}, path("/other"), "other")
            ),
        ),
    ),
)

USES: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB130",
        slug="overruled-by-class",
        severity="note",
        summary="{annotation} is ignored: {by} wins",
        why="class parameters are the operator's word; the annotation is not even read",
        fix="remove the annotation",
        example=Example(
            together(ruled("{scheme: internal}"), ingress({"scheme": "internet-facing"})),
            together(ruled("{scheme: internal}"), ingress({})),
        ),
    ),
    ProblemRow(
        code="LB131",
        slug="unknown-annotation",
        severity="warning",
        summary="annotation {annotation} is unknown and ignored{hint}",
        source=_GUIDE,
        why="a misspelt annotation is as good as none",
        fix="correct or remove it{hint}",
        example=swapped({"target-typ": "ip"}, {"target-type": "ip"}),
    ),
    ProblemRow(
        code="LB132",
        slug="annotation-on-wrong-kind",
        severity="warning",
        summary="{annotation} has no effect on a {kind}; it belongs on: {kinds}",
        why="it is read only there",
        fix="move it to: {kinds}",
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
        why="what was written is not what will be",
        fix="remove it, or add what it needs",
        example=swapped(
            {"ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}, {"ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06", **_HTTPS}
        ),
    ),
    ProblemRow(
        code="LB134",
        slug="deprecated-annotation",
        severity="note",
        summary="{annotation} is out of date: {reason}",
        why="it still works, but may not for long",
        fix="{reason}",
        example=swapped({"waf-acl-id": "none"}, {"wafv2-acl-arn": "none"}),
    ),
    ProblemRow(
        code="LB135",
        slug="reserved-tag",
        severity="warning",
        summary='tag key "{key}" is reserved and cannot be set',
        why="AWS refuses keys that start with aws:, and tracking tags are always ours",
        fix="choose another key",
        example=annotated("tags", "elbv2.k8s.aws/cluster=mine", "cluster=mine"),
    ),
    ProblemRow(
        code="LB136",
        slug="externally-managed-tag",
        severity="error",
        summary='tag key "{key}" is managed elsewhere and must not be set',
        why="the operator listed it in --external-managed-tags",
        fix="remove it",
        example=Example(ingress({"tags": "team=a"}), ingress({"tags": "owner=a"}), flags=("--external-managed-tags=team",)),
    ),
    ProblemRow(
        code="LB139",
        slug="unknown-capacity-key",
        severity="error",
        summary='"{key}" is no capacity; only CapacityUnits is',
        why="the map has exactly this key",
        fix="write CapacityUnits and a number, such as CapacityUnits=100",
        example=annotated("minimum-load-balancer-capacity", "Units=100", "CapacityUnits=100"),
    ),
    ProblemRow(
        code="LB140",
        slug="invalid-port-mapping",
        severity="error",
        summary='"{pair}" maps no port to a port',
        why="the pairs are front port = port behind it",
        fix="write numbers, such as 8443=443",
        example=annotated("frontend-nlb-listener-port-mapping", "http=80", "8080=80", enable_frontend_nlb="true"),
    ),
    ProblemRow(
        code="LB164",
        slug="mapped-port-unused",
        severity="warning",
        summary="front port {front} is left out: this object does not listen on port {behind} behind it, only on {known}",
        why="there is nothing to forward to",
        fix="map to one of {known}, or add the port to listen-ports",
        example=annotated("frontend-nlb-listener-port-mapping", "8080=8080", "8080=80", enable_frontend_nlb="true"),
    ),
)

ROWS: tuple[ProblemRow, ...] = (*GROUPS, *USES)
