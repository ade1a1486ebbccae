"""LB1##: faults in what the user wrote."""

from albatross.catalog.problems import group, value
from albatross.catalog.problems.example import annotated, ingress, patch, path, ruled, spec, swapped, together
from albatross.catalog.problems.row import Example, ProblemRow

_HTTPS = {"listen-ports": '[{"HTTPS": 443}]', "certificate-arn": "arn:aws:acm:eu-west-1:123456789012:certificate/1"}
_GO_ON = '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "host": "example.org"}}'
_SECOND = """
      - path: /a
        pathType: ImplementationSpecific
        backend:
          service: {name: web, port: {number: 80}}"""
_BOTH = {**_HTTPS, "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]'}
_ADDRESSES = {
    "enable-frontend-nlb": "true",
    "frontend-nlb-scheme": "internet-facing",
    "frontend-nlb-subnets": "public-a,public-b",
}
_REQUESTED = {"create-acm-cert": "true", "listen-ports": '[{"HTTPS": 443}]'}
_TO_HTTPS = '{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}'


def _class(port: str) -> str:
    """An Ingress on both ports, and a class that redirects to one."""
    return together(ruled(f"{{sslRedirectPort: '{port}'}}"), ingress(_BOTH))


RULES: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB141",
        slug="wildcard-in-exact-path",
        severity="error",
        summary='exact path "{path}" contains a wildcard',
        why="* and ? have a meaning for the load balancer, so the path cannot be exact",
        fix="use pathType Prefix, or ImplementationSpecific if the wildcard is meant",
        example=spec(path('"/a*"', "Exact"), path("/a", "Exact")),
    ),
    ProblemRow(
        code="LB142",
        slug="wildcard-in-prefix-path",
        severity="error",
        summary='prefix path "{path}" contains a wildcard',
        why="a prefix matches whole path segments; * and ? would mean something else",
        fix="remove the wildcard, or use pathType ImplementationSpecific",
        example=spec(path('"/a*"'), path('"/a*"', "ImplementationSpecific")),
    ),
    ProblemRow(
        code="LB143",
        slug="prefix-path-as-pattern",
        severity="warning",
        summary='prefix path "{path}" is taken as the ALB pattern "{path}", which matches {matched}',
        why="a prefix has no wildcard, and other controllers refuse this one; /foo with Prefix becomes the patterns /foo and /foo/*",
        fix='write "{meant}" with pathType Prefix{wider}, or keep "{path}" with pathType ImplementationSpecific',
        example=spec(path('"/a/*"'), path("/a")),
    ),
    ProblemRow(
        code="LB144",
        slug="unknown-path-type",
        severity="error",
        summary='path type "{value}" is none of Exact, Prefix, ImplementationSpecific',
        why="it is not known how the path should match",
        fix="write Exact, Prefix or ImplementationSpecific",
        example=spec(path("/a", "Regex"), path("/a", "Exact")),
    ),
    ProblemRow(
        code="LB145",
        slug="values-and-regex",
        severity="error",
        summary="{field} would have both values ({values}) and regular expressions ({regex_values})",
        why="one condition has either; the host and path of the rule count as values",
        fix="remove the host or path from the rule, or the regular expressions from the annotation",
        example=annotated(
            "conditions.web",
            '[{"field": "host-header", "hostHeaderConfig": {"regexValues": ["^x"]}}]',
            '[{"field": "host-header", "hostHeaderConfig": {"values": ["x.example.com"]}}]',
        ),
    ),
    ProblemRow(
        code="LB146",
        slug="auth-and-jwt",
        severity="error",
        summary="jwt-validation and auth-type exclude each other",
        why="a rule has one way to tell who may pass",
        fix="remove one of them",
        example=swapped(
            {
                **_HTTPS,
                "auth-type": "cognito",
                "auth-idp-cognito": "{}",
                "jwt-validation": '{"jwksEndpoint": "https://a.example", "issuer": "a"}',
            },
            {**_HTTPS, "jwt-validation": '{"jwksEndpoint": "https://a.example", "issuer": "a"}'},
        ),
    ),
    ProblemRow(
        code="LB147",
        slug="identity-provider-missing",
        severity="error",
        summary="annotation {annotation} is missing: auth-type needs it",
        why="it says where users log in",
        fix="add {annotation}, or set auth-type to none",
        example=swapped({**_HTTPS, "auth-type": "cognito"}, {**_HTTPS, "auth-type": "none"}),
    ),
    ProblemRow(
        code="LB148",
        slug="resource-backend",
        severity="error",
        summary="the backend names no Service",
        why="backends of kind resource are not supported",
        fix="name a Service and one of its ports",
        example=spec(
            "spec:\n  defaultBackend:\n    resource: {apiGroup: a, kind: Bucket, name: b}",
            "spec:\n  defaultBackend:\n    service: {name: web, port: {number: 80}}",
        ),
    ),
    ProblemRow(
        code="LB166",
        slug="shadowed-rule",
        severity="warning",
        summary="on port {port} this path is left out: {by} redirects its requests first",
        why="rules are tried in order, and the redirect takes every request that this path would get",
        fix="remove it, or move it before the redirect",
        example=Example(
            ingress({"actions.go": _GO_ON}, path("/*", "ImplementationSpecific", "name: use-annotation", "go") + _SECOND),
            ingress({"actions.go": _GO_ON}, path("/b", "ImplementationSpecific", "name: use-annotation", "go") + _SECOND),
        ),
    ),
    ProblemRow(
        code="LB167",
        slug="redirect-to-itself",
        severity="note",
        summary="on port {port} this redirect would lead to itself, so it is left out there",
        why="it is meant for the other listener; on its own it would send a browser round in circles",
        fix="nothing, if that is meant; ssl-redirect does the same for every path",
        example=Example(
            ingress({**_BOTH, "actions.go": _TO_HTTPS}, path("/", port="name: use-annotation", service="go")),
            ingress({**_BOTH, "ssl-redirect": "443"}),
        ),
    ),
)

SETTINGS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB149",
        slug="unknown-health-check-port",
        severity="error",
        summary='Service {service} has no port named "{name}"; it has {known}',
        why="a health check port is a number, traffic-port or a port name of the Service",
        fix="write one of {known}, traffic-port or a number",
        example=annotated("healthcheck-port", "admin", "http"),
    ),
    ProblemRow(
        code="LB150",
        slug="named-health-check-port",
        severity="error",
        summary='health check port "{name}" stands for the container port "{target_port}", which has no number',
        why="with pods as targets the health check needs a number",
        fix="write the number, or traffic-port",
        example=Example(
            together(
                patch("Service", "web", {}, "spec:\n  ports:\n  - {name: http, port: 80, targetPort: web, nodePort: 30080}"),
                ingress({"target-type": "ip", "healthcheck-port": "http"}),
            ),
            together(
                patch("Service", "web", {}, "spec:\n  ports:\n  - {name: http, port: 80, targetPort: web, nodePort: 30080}"),
                ingress({"target-type": "ip", "healthcheck-port": "8080"}),
            ),
        ),
    ),
    ProblemRow(
        code="LB151",
        slug="control-port-of-instances",
        severity="error",
        summary="a target control port is given, but the targets are instances",
        why="the agent that listens on it runs beside pods",
        fix="set target-type to ip, or remove the annotation",
        example=swapped({"target-control-port.web.80": "3000"}, {"target-control-port.web.80": "3000", "target-type": "ip"}),
    ),
    ProblemRow(
        code="LB153",
        slug="redirect-to-no-listener",
        severity="error",
        summary="ssl-redirect goes to port {port}, on which nobody listens",
        why="redirected requests would fail",
        fix="add the port to listen-ports with HTTPS; secure ports are: {known}",
        example=swapped(
            {"ssl-redirect": "443"}, {"ssl-redirect": "443", "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]', "certificate-arn": "arn:a"}
        ),
    ),
    ProblemRow(
        code="LB154",
        slug="redirect-to-plain-listener",
        severity="error",
        summary="ssl-redirect goes to port {port}, which is HTTP",
        why="the redirect is to HTTPS",
        fix="redirect to a port that is HTTPS",
        example=swapped(
            {"ssl-redirect": "80"}, {"ssl-redirect": "443", "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]', "certificate-arn": "arn:a"}
        ),
    ),
    ProblemRow(
        code="LB155",
        slug="empty-value",
        severity="error",
        summary="{annotation} is empty",
        why="empty is no value here",
        fix="remove the annotation, or fill it in",
        example=annotated("customer-owned-ipv4-pool", "", "ipv4pool-coip-1"),
    ),
    ProblemRow(
        code="LB156",
        slug="name-too-long",
        severity="error",
        summary='load balancer name "{name}" has {length} bytes, 32 are allowed',
        why="AWS takes no longer one",
        fix="shorten it to 32 bytes",
        example=annotated("load-balancer-name", "a" * 33, "a" * 32),
    ),
    ProblemRow(
        code="LB157",
        slug="unfit-name",
        severity="warning",
        summary='AWS refuses the load balancer name "{name}": {reason}',
        why="a name has letters, digits and hyphens, no hyphen at its ends, and does not start with internal-",
        fix="choose another name, such as team-a",
        example=annotated("load-balancer-name", "my_lb", "my-lb"),
    ),
    ProblemRow(
        code="LB158",
        slug="addresses-of-internal",
        severity="error",
        summary="elastic IP addresses are given, but the network load balancer in front is internal",
        why="an internal load balancer has no public address",
        fix="set frontend-nlb-scheme to internet-facing, or remove the addresses",
        example=swapped({"enable-frontend-nlb": "true", "frontend-nlb-eip-allocations": "eipalloc-1"}, {"enable-frontend-nlb": "true"}),
    ),
    ProblemRow(
        code="LB159",
        slug="address-count",
        severity="error",
        summary="the number of elastic IP addresses ({addresses}) is not that of the subnets ({subnets})",
        why="each subnet takes one",
        fix="give {subnets} addresses, or choose as many subnets with frontend-nlb-subnets",
        example=swapped(
            {**_ADDRESSES, "frontend-nlb-eip-allocations": "eipalloc-1"},
            {**_ADDRESSES, "frontend-nlb-eip-allocations": "eipalloc-1,eipalloc-2"},
        ),
    ),
    ProblemRow(
        code="LB162",
        slug="class-redirect-port",
        severity="warning",
        summary='"{value}" is no port, so nothing is redirected',
        why="the class's port wins over annotations even when it is not a number",
        fix="write digits only, such as 443",
        example=Example(_class("https"), _class("443")),
    ),
    ProblemRow(
        code="LB163",
        slug="certificate-without-host",
        severity="error",
        summary="create-acm-cert is set, but there is no host to certify",
        why="a certificate needs a name",
        fix="add a host to a rule or to spec.tls",
        example=Example(
            ingress(_REQUESTED, "spec:\n  rules:\n  - host: null\n" + path("/").split("\n", 3)[3]),
            ingress(_REQUESTED, path("/")),
            flags=("--feature-gates=EnableCertificateManagement=true",),
        ),
    ),
    ProblemRow(
        code="LB168",
        slug="pod-targets-off",
        severity="error",
        summary="pods cannot be targets: feature gate EnableIPTargetType is off",
        why="the operator switched it off",
        fix="set target-type to instance",
        example=Example(
            ingress({"target-type": "ip"}), ingress({"target-type": "instance"}), flags=("--feature-gates=EnableIPTargetType=false",)
        ),
    ),
    ProblemRow(
        code="LB169",
        slug="backend-group-off",
        severity="error",
        summary="rules towards the targets cannot be managed: --enable-backend-security-group is off",
        why="with security groups of your own, only a shared backend group can be their source",
        fix="set manage-backend-security-group-rules to false",
        example=Example(
            ingress({"security-groups": "web-sg", "manage-backend-security-group-rules": "true"}),
            ingress({"security-groups": "web-sg", "manage-backend-security-group-rules": "false"}),
            flags=("--enable-backend-security-group=false",),
        ),
    ),
    ProblemRow(
        code="LB170",
        slug="ipv6-behind-ipv4",
        severity="error",
        summary="Service {service} is IPv6, but the load balancer is not dualstack",
        why="only a dualstack load balancer reaches IPv6 targets",
        fix="set ip-address-type to dualstack, or take IPv6 from the Service's spec.ipFamilies",
        example=Example(
            together(patch("Service", "web", {}, "spec:\n  ipFamilies: [IPv6]"), ingress({"target-type": "ip"})),
            together(patch("Service", "web", {}, "spec:\n  ipFamilies: [IPv4]"), ingress({"target-type": "ip"})),
        ),
    ),
)

ROWS: tuple[ProblemRow, ...] = (*value.ROWS, *group.ROWS, *RULES, *SETTINGS)
