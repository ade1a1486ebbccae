"""LB430 to LB436: rules that AWS refuses as a whole, that never have an effect, or that leave requests unchecked."""

import json

from albatross.catalog.problems.example import BOTH, SECURE, ingress, path, ruled, spec, swapped, together
from albatross.catalog.problems.row import Example, ProblemRow

_RULES = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"
_TRANSFORMS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html"
_GROUPS = '"targetGroups": [{"serviceName": "web", "servicePort": "80", "weight": 1}, {"targetGroupName": "legacy-tg", "weight": 1}]'
_WEIGHTED = f'{{"type": "forward", "forwardConfig": {{{_GROUPS}%s}}}}'
_STICKY = ', "targetGroupStickinessConfig": {"enabled": true, "durationSeconds": 600}'
_KEPT = {"target-group-attributes": "stickiness.enabled=true"}
_POOL = '{"userPoolARN": "arn:a", "userPoolClientID": "b", "userPoolDomain": "c"}'
_TO_HTTPS = '{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"%s}}'
_AUTH = {**BOTH, "auth-type": "cognito", "auth-idp-cognito": _POOL}


def _rewrite(regex: str, replace: str = "/$1") -> dict[str, str]:
    return {
        "transforms.web": json.dumps([{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": regex, "replace": replace}]}}])
    }


ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB430",
        slug="unsupported-regex",
        severity="warning",
        summary='the regular expression "{regex}" has a {kind}, {part}, which load balancers do not support',
        why="AWS refuses the rule; its engine has no look-around and no back-references",
        fix="write the expression without {part}; to leave a path out, give that path a rule of its own before this one",
        example=spec(
            path("/^/api/(?!internal).*$", "ImplementationSpecific"),
            path("/^/api/.*$", "ImplementationSpecific"),
            use_regex_path_match="true",
        ),
        source=_RULES,
    ),
    ProblemRow(
        code="LB431",
        slug="missing-regex-group",
        severity="warning",
        summary='{reference} does not exist: the regular expression "{regex}" has {count} groups',
        why="a group that does not exist is replaced by nothing, so that part of the path or host is lost",
        fix="number the groups from $1 by their opening parentheses, or add a group to the expression",
        example=swapped(_rewrite("^/old/(.*)$", "/$2"), _rewrite("^/old/(.*)$")),
        source=_TRANSFORMS,
    ),
    ProblemRow(
        code="LB432",
        slug="regex-matches-backslash",
        severity="warning",
        summary='the regular expression "{regex}" matches only texts with a backslash, and no path or host has one',
        why=r"in JSON, \\ is one backslash, and \\\\ is an escaped backslash, so the expression never matches",
        fix="write the expression as {mended}, with each backslash twice in JSON",
        example=swapped(_rewrite(r"^\\/old\\/(.*)$"), _rewrite("^/old/(.*)$")),
        source=_TRANSFORMS,
    ),
    ProblemRow(
        code="LB433",
        slug="sticky-targets-without-sticky-rule",
        severity="warning",
        summary="stickiness.enabled=true, but {rule} sends requests to several target groups without stickiness",
        why="AWS refuses the rule (InvalidLoadBalancerAction): sticky targets need a sticky choice between the target groups",
        fix='add "targetGroupStickinessConfig": {{"enabled": true, "durationSeconds": 600}} to the forwardConfig of the action',
        example=Example(
            ingress(
                {"target-group-attributes": "stickiness.enabled=true", "actions.web": _WEIGHTED % ""},
                path("/", port="name: use-annotation"),
            ),
            ingress(
                {"target-group-attributes": "stickiness.enabled=true", "actions.web": _WEIGHTED % _STICKY},
                path("/", port="name: use-annotation"),
            ),
        ),
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
    ),
    ProblemRow(
        code="LB434",
        slug="unchecked-on-http",
        severity="warning",
        summary="requests to port {port} are not checked: {what} works on HTTPS ports only",
        why="everybody can reach the same paths over HTTP without authentication",
        fix="set ssl-redirect to the HTTPS port, or remove port {port} from listen-ports",
        example=swapped(_AUTH, {**_AUTH, "ssl-redirect": "443"}),
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html",
    ),
    ProblemRow(
        code="LB436",
        slug="redirect-nowhere",
        severity="warning",
        summary="on port {port} this redirect would lead to itself, and the object has no other port, so the rule does not exist",
        why="a redirect to the same protocol, host, port, path and query is a loop, so it is left out",
        fix="give the redirect another path or host; or add the HTTP port to listen-ports, if requests to it are meant",
        example=Example(
            ingress({**SECURE, "actions.go": _TO_HTTPS % ""}, path("/", port="name: use-annotation", service="go")),
            ingress({**SECURE, "actions.go": _TO_HTTPS % ', "path": "/new"'}, path("/", port="name: use-annotation", service="go")),
        ),
    ),
    ProblemRow(
        code="LB435",
        slug="rules-behind-redirect",
        severity="warning",
        summary="no rule of this object is used: its ports ({ports}) have no TLS, and {by} redirects all of them to port {to}",
        why="a redirect of the group replaces all rules of ports without TLS, so these paths answer only if they are on the HTTPS port too",
        fix='add {{"HTTPS": {to}}} to listen-ports of this object, or move it to another group',
        example=Example(
            together(
                ruled('{group: {name: edge}, sslRedirectPort: "443"}'),
                ingress(SECURE, path("/app")),
                ingress({}, path("/icon") + "\n  ingressClassName: alb", "icon"),
            ),
            together(
                ruled('{group: {name: edge}, sslRedirectPort: "443"}'),
                ingress(SECURE, path("/app")),
                ingress(BOTH, path("/icon") + "\n  ingressClassName: alb", "icon"),
            ),
        ),
    ),
)
