"""LB4##: input that AWS would refuse: too many, too long, too large or unknown. They are warnings, because AWS decides."""

from albatross.catalog.problems import service
from albatross.catalog.problems.example import SECURE, WEB_ACL, action, annotated, ingress, path, swapped
from albatross.catalog.problems.row import Example, ProblemRow

_LIMITS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"
_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"
_MANY = '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X", "values": ["1", "2", "3", "4"]}}]'
_ONE = '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X", "values": ["1"]}}]'
_FIXED = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "%s", "contentType": "%s"}}'


ROWS: tuple[ProblemRow, ...] = (
    *service.LIMITS,
    ProblemRow(
        code="LB401",
        slug="over-quota",
        severity="warning",
        summary="{count} {what}: AWS allows {limit}{adjustable}",
        why="AWS refuses everything over the quota, and everything that depends on it is not created either",
        fix="use fewer, split the group, or request a quota increase where AWS allows it",
        example=annotated("conditions.web", _MANY, _ONE),
        source=_LIMITS,
    ),
    ProblemRow(
        code="LB402",
        slug="too-long",
        severity="warning",
        summary="{what} has {length} characters; AWS allows {low} to {high}",
        why="AWS refuses the value",
        fix="write {low} to {high} characters",
        example=annotated("healthcheck-path", "/" + "a" * 1024, "/healthz"),
        source=_API,
    ),
    ProblemRow(
        code="LB403",
        slug="unknown-attribute",
        severity="warning",
        summary='{kind} attribute "{key}" is unknown{hint}',
        why="AWS refuses unknown attributes, and with them the whole call",
        fix="correct the attribute, or remove it{hint}",
        example=annotated("target-group-attributes", "deregistration_delay=30", "deregistration_delay.timeout_seconds=30"),
        source=_API + "API_ModifyTargetGroupAttributes.html",
    ),
    ProblemRow(
        code="LB404",
        slug="unfit-attribute-value",
        severity="warning",
        summary='{kind} attribute {key} does not accept "{value}"; expected: {expected}',
        why="AWS refuses the value, and with it the whole call",
        fix="write {expected}",
        example=annotated("load-balancer-attributes", "idle_timeout.timeout_seconds=1h", "idle_timeout.timeout_seconds=3600"),
        source=_API + "API_ModifyLoadBalancerAttributes.html",
    ),
    ProblemRow(
        code="LB405",
        slug="number-out-of-bounds",
        severity="warning",
        summary="{what} is {value}; AWS allows {low} to {high}",
        why="AWS refuses the value",
        fix="write a number from {low} to {high}",
        example=annotated("healthcheck-interval-seconds", "1", "10"),
        source=_API,
    ),
    ProblemRow(
        code="LB406",
        slug="invalid-codes",
        severity="warning",
        summary='success codes "{value}" are not codes or ranges from {low} to {high}',
        why="AWS accepts codes and ranges, separated by commas: 200,202 or 200-299",
        fix="write codes from {low} to {high}",
        example=annotated("success-codes", "2xx", "200-299"),
        source=_API + "API_Matcher.html",
    ),
    ProblemRow(
        code="LB407",
        slug="unfit-value",
        severity="warning",
        summary='AWS does not accept {what} "{value}"; expected: {expected}',
        why="AWS refuses the value, and with it the rule or listener",
        fix="write {expected}",
        example=action(_FIXED % ("302", "text/plain"), _FIXED % ("404", "text/plain")),
        source=_API,
    ),
    ProblemRow(
        code="LB408",
        slug="capacity-reserved",
        severity="note",
        summary="{units} LCUs are reserved once the load balancer is active",
        why="reserved capacity costs money even if it is not used; AWS may need minutes to provide it, and 0 releases it",
        fix="no change is needed if this is intended; otherwise remove the setting",
        example=swapped({"minimum-load-balancer-capacity": "CapacityUnits=100"}, {}),
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/capacity-unit-reservation.html",
    ),
    ProblemRow(
        code="LB409",
        slug="timeout-beyond-interval",
        severity="warning",
        summary="the health check timeout is {timeout} s, but the interval is {interval} s",
        why="AWS requires that the timeout is shorter than the interval",
        fix="increase the interval, or reduce the timeout",
        example=annotated("healthcheck-timeout-seconds", "30", "10"),
        source=_API + "API_CreateTargetGroup.html",
    ),
    ProblemRow(
        code="LB410",
        slug="grpc-on-plain-listener",
        severity="warning",
        summary="a gRPC target group cannot be behind the HTTP listener on port {port}",
        why="gRPC needs HTTP/2, which the load balancer supports only over TLS",
        fix="use an HTTPS listener, or set backend-protocol-version to HTTP1 or HTTP2",
        example=swapped(
            {"backend-protocol-version": "GRPC"},
            {
                "backend-protocol-version": "GRPC",
                **SECURE,
            },
        ),
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
    ),
    ProblemRow(
        code="LB411",
        slug="unfit-tag",
        severity="warning",
        summary='AWS does not accept the tag {key} = "{value}"',
        why="a key has 1 to 128 characters, a value up to 256; allowed are letters, digits, spaces and + - = . _ : / @",
        fix="remove the other characters, and keep within these lengths",
        example=annotated("tags", "team=a*b", "team=ab"),
        source=_API + "API_Tag.html",
    ),
    ProblemRow(
        code="LB412",
        slug="unreachable-rule",
        severity="warning",
        summary="on port {port} this path is never reached: {by} matches the same requests first",
        why="rules are evaluated in group order; within a rule, exact paths come first, then prefixes (the longest first), then other "
        "paths",
        fix="remove the path, or give it another host, path or condition",
        example=Example(
            ingress(
                {},
                path("/a", "Exact") + "\n  - host: www.example.com\n    http:\n      paths:\n      - path: /a\n        pathType: Exact\n"
                "        backend:\n          service: {name: web, port: {name: http}}",
            ),
            ingress({}, path("/a", "Exact")),
        ),
    ),
    ProblemRow(
        code="LB413",
        slug="incomplete-provider",
        severity="warning",
        summary="{what} needs {key}",
        why="AWS refuses the action without it",
        fix="add {key}",
        example=swapped(
            {
                **SECURE,
                "auth-type": "cognito",
                "auth-idp-cognito": '{"userPoolARN": "arn:a"}',
            },
            {
                **SECURE,
                "auth-type": "cognito",
                "auth-idp-cognito": '{"userPoolARN": "arn:a", "userPoolClientID": "b", "userPoolDomain": "c"}',
            },
        ),
        source=_API + "API_AuthenticateCognitoActionConfig.html",
    ),
    ProblemRow(
        code="LB437",
        slug="wafv2-arn-as-classic-id",
        severity="warning",
        summary="{value} is the ARN of a WAFv2 web ACL, but this annotation is for WAF Classic",
        why="AWS finds no WAF Classic web ACL with this id, so the load balancer has no web ACL",
        fix="write it in wafv2-acl-arn instead",
        example=swapped({"waf-acl-id": WEB_ACL}, {"wafv2-acl-arn": WEB_ACL}),
    ),
)
