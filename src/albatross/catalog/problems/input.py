"""LB1##: errors in the input of the user."""

from collections.abc import Mapping

from albatross.catalog.problems import custom, group, manifest, service, value
from albatross.catalog.problems.example import BOTH, CERTIFICATE, SECURE, annotated, ingress, patch, path, ruled, spec, swapped, together
from albatross.catalog.problems.row import Example, ProblemRow

_GO_ON = '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "host": "example.org"}}'
_SECOND = """
      - path: /a
        pathType: ImplementationSpecific
        backend:
          service: {name: web, port: {number: 80}}"""
_FRONT = {"enable-frontend-nlb": "true", "frontend-nlb-healthcheck-success-codes": "200,404"}
_ADDRESSES = {
    **_FRONT,
    "frontend-nlb-scheme": "internet-facing",
    "frontend-nlb-subnets": "public-a,public-b",
}
_REQUESTED = {"create-acm-cert": "true", "listen-ports": '[{"HTTPS": 443}]'}
_TO_HTTPS = '{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}'


def _class(port: str) -> str:
    """An Ingress on both ports, and a class that redirects to one of them."""
    return together(ruled(f"{{sslRedirectPort: '{port}'}}"), ingress(BOTH))


RULES: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB141",
        slug="wildcard-in-exact-path",
        severity="error",
        summary='exact path "{path}" contains a wildcard',
        why="the load balancer reads * and ? as wildcards, so the path would not match exactly",
        fix="remove the wildcard; pathType Prefix matches sub-paths without one, and pathType ImplementationSpecific accepts wildcards",
        example=spec(path('"/a*"', "Exact"), path("/a", "Exact")),
    ),
    ProblemRow(
        code="LB142",
        slug="wildcard-in-prefix-path",
        severity="error",
        summary='prefix path "{path}" contains a wildcard',
        why="pathType Prefix compares whole path segments and has no wildcards",
        fix="remove the wildcard, or use pathType ImplementationSpecific",
        example=spec(path('"/a*"'), path('"/a*"', "ImplementationSpecific")),
    ),
    ProblemRow(
        code="LB143",
        slug="prefix-path-as-pattern",
        severity="warning",
        summary='prefix path "{path}" is used as the ALB pattern "{path}", which matches {matched}',
        why="pathType Prefix has no wildcards, and other controllers refuse this path; /foo with pathType Prefix becomes the patterns "
        "/foo and /foo/*",
        fix='write "{meant}" with pathType Prefix{wider}, or keep "{path}" with pathType ImplementationSpecific',
        example=spec(path('"/a/*"'), path("/a")),
    ),
    ProblemRow(
        code="LB144",
        slug="unknown-path-type",
        severity="error",
        summary='path type "{value}" is not one of: Exact, Prefix, ImplementationSpecific',
        why="without a path type it is unknown how the path must match",
        fix="write Exact, Prefix or ImplementationSpecific",
        example=spec(path("/a", "prefix"), path("/a", "Prefix")),
    ),
    ProblemRow(
        code="LB145",
        slug="values-and-regex",
        severity="error",
        summary="{field} would have both values ({values}) and regular expressions ({regex_values})",
        why="a condition has either values or regular expressions; the host and the path of the rule are values",
        fix="remove the host or path from the rule, or remove the regular expressions from the annotation",
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
        summary="jwt-validation and auth-type cannot be used together",
        why="a rule can check requests in only one way",
        fix="remove one of the two annotations",
        example=swapped(
            {
                **SECURE,
                "auth-type": "cognito",
                "auth-idp-cognito": "{}",
                "jwt-validation": '{"jwksEndpoint": "https://a.example", "issuer": "a"}',
            },
            {**SECURE, "jwt-validation": '{"jwksEndpoint": "https://a.example", "issuer": "a"}'},
        ),
    ),
    ProblemRow(
        code="LB147",
        slug="identity-provider-missing",
        severity="error",
        summary="annotation {annotation} is missing: auth-type needs it",
        why="the annotation describes the identity provider where users log in",
        fix="add {annotation}, or set auth-type to none",
        example=swapped({**SECURE, "auth-type": "cognito"}, {**SECURE, "auth-type": "none"}),
    ),
    ProblemRow(
        code="LB148",
        slug="resource-backend",
        severity="error",
        summary="the backend does not name a Service",
        why="the controller does not support backends of kind resource",
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
        why="rules are evaluated in order, and the redirect matches every request that this path would match",
        fix="remove the path, or move it before the redirect",
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
        why="the redirect is useful only on the other listener; on this one, browsers would be redirected in a loop",
        fix="no change is needed if this is intended; ssl-redirect does the same for every path",
        example=Example(
            ingress({**BOTH, "actions.go": _TO_HTTPS}, path("/", port="name: use-annotation", service="go")),
            ingress({**BOTH, "ssl-redirect": "443"}),
        ),
    ),
)


def _public(cidrs: str) -> Mapping[str, str]:
    return {"scheme": "internet-facing", "inbound-cidrs": cidrs}


ROOT = ProblemRow(
    code="LB198",
    slug="root-path-alone",
    severity="note",
    summary="with pathType ImplementationSpecific, the path / matches only / itself and no path under it",
    why="many charts have this pair as their default, and then every other path answers 404",
    fix="write pathType: Prefix, or the path /*, which match every path, or pathType: Exact if only / is meant",
    example=spec(path("/", "ImplementationSpecific"), path("/")),
)

SETTINGS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB184",
        slug="private-sources-only",
        severity="warning",
        summary="the load balancer is internet-facing, but it allows only private sources: {cidrs}",
        why="requests from the internet, and from the VPC through a public address, never have a private address as their source",
        fix="add the public addresses of the clients, or set scheme to internal",
        example=swapped(_public("10.0.0.0/8"), _public("10.0.0.0/8,203.0.113.0/24")),
    ),
    ProblemRow(
        code="LB185",
        slug="certificate-of-another-region",
        severity="error",
        summary="certificate {arn} is in Region {there}, but the load balancer is in {here}",
        why="a load balancer can only use certificates of its own Region; AWS refuses the listener",
        fix="request or import the certificate in {here}, and use its ARN",
        example=annotated("certificate-arn", CERTIFICATE.replace("ap-northeast-2", "us-east-1"), CERTIFICATE),
        source="https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html",
    ),
    ProblemRow(
        code="LB186",
        slug="placeholder-left",
        severity="warning",
        summary="{text} looks like a placeholder that a tool or a person should have replaced",
        why="nothing replaces it later: Kubernetes and AWS use the text as it is, for example as the name of a bucket or as a secret",
        fix="replace {text} with the value that you mean",
        example=annotated(
            "load-balancer-attributes",
            "access_logs.s3.enabled=true,access_logs.s3.bucket=${LOG_BUCKET}",
            "access_logs.s3.enabled=true,access_logs.s3.bucket=shop-logs",
        ),
    ),
    ProblemRow(
        code="LB149",
        slug="unknown-health-check-port",
        severity="error",
        summary='Service {service} has no port named "{name}"; named ports: {known}',
        why="a health check port is a number, traffic-port, or the name of a port of the Service",
        fix="write traffic-port, a number, or one of: {known}",
        example=annotated("healthcheck-port", "admin", "http"),
    ),
    ProblemRow(
        code="LB150",
        slug="named-health-check-port",
        severity="error",
        summary='health check port "{name}" is the container port "{target_port}", which is a name and not a number',
        why="if pods are the targets, the health check needs a port number",
        fix="write the port number, or traffic-port",
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
        summary="a target control port is set, but the targets are instances",
        why="the agent that listens on this port runs next to pods",
        fix="set target-type to ip, or remove the annotation",
        example=swapped({"target-control-port.web.80": "3000"}, {"target-control-port.web.80": "3000", "target-type": "ip"}),
    ),
    ProblemRow(
        code="LB153",
        slug="redirect-to-no-listener",
        severity="error",
        summary="ssl-redirect points to port {port}, which has no listener",
        why="redirected requests would fail",
        fix="add the port to listen-ports with HTTPS, or redirect to an HTTPS port; HTTPS ports: {known}",
        example=swapped(
            {"ssl-redirect": "443"},
            {"ssl-redirect": "443", **BOTH},
        ),
    ),
    ProblemRow(
        code="LB154",
        slug="redirect-to-plain-listener",
        severity="error",
        summary="ssl-redirect points to port {port}, which is HTTP",
        why="ssl-redirect always redirects to HTTPS",
        fix="redirect to an HTTPS port",
        example=swapped(
            {"ssl-redirect": "80"},
            {"ssl-redirect": "443", **BOTH},
        ),
    ),
    ProblemRow(
        code="LB155",
        slug="empty-value",
        severity="error",
        summary="{annotation} is empty",
        why="this setting needs a value",
        fix="remove the annotation, or write a value",
        example=annotated("customer-owned-ipv4-pool", "", "ipv4pool-coip-1"),
    ),
    ProblemRow(
        code="LB156",
        slug="name-too-long",
        severity="error",
        summary='load balancer name "{name}" has {length} bytes; at most 32 are allowed',
        why="AWS does not accept longer names",
        fix="shorten the name to 32 bytes or fewer",
        example=annotated("load-balancer-name", "a" * 33, "a" * 32),
    ),
    ProblemRow(
        code="LB157",
        slug="unfit-name",
        severity="warning",
        summary='AWS refuses the load balancer name "{name}": {reason}',
        why="a name contains only letters, digits and hyphens, does not start or end with a hyphen, and does not start with internal-",
        fix="use another name, such as team-a",
        example=annotated("load-balancer-name", "my_lb", "my-lb"),
    ),
    ProblemRow(
        code="LB158",
        slug="addresses-of-internal",
        severity="error",
        summary="elastic IP addresses are set, but the network load balancer is internal",
        why="an internal load balancer has no public address",
        fix="set the scheme of the network load balancer to internet-facing, or remove the addresses",
        example=swapped({**_FRONT, "frontend-nlb-eip-allocations": "eipalloc-1"}, _FRONT),
    ),
    ProblemRow(
        code="LB159",
        slug="address-count",
        severity="error",
        summary="the number of elastic IP addresses ({addresses}) is not the number of subnets ({subnets})",
        why="each subnet needs exactly one address",
        fix="write {subnets} addresses, or name as many subnets as addresses",
        example=swapped(
            {**_ADDRESSES, "frontend-nlb-eip-allocations": "eipalloc-1"},
            {**_ADDRESSES, "frontend-nlb-eip-allocations": "eipalloc-1,eipalloc-2"},
        ),
    ),
    ProblemRow(
        code="LB162",
        slug="class-redirect-port",
        severity="warning",
        summary='"{value}" is not a port, so requests are not redirected',
        why="the redirect port of the class overrides annotations, even if it is not a number",
        fix="write digits only, such as 443",
        example=Example(_class("https"), _class("443")),
    ),
    ProblemRow(
        code="LB163",
        slug="certificate-without-host",
        severity="error",
        summary="create-acm-cert is set, but there is no host for the certificate",
        why="a certificate needs at least one host name",
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
        why="the operator switched this feature gate off",
        fix="set target-type to instance",
        example=Example(
            ingress({"target-type": "ip"}), ingress({"target-type": "instance"}), flags=("--feature-gates=EnableIPTargetType=false",)
        ),
    ),
    ProblemRow(
        code="LB169",
        slug="backend-group-off",
        severity="error",
        summary="security group rules for the targets cannot be managed: --enable-backend-security-group is off",
        why="if you set your own security groups, the source of these rules must be the shared backend security group",
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
        why="only a dualstack load balancer can reach IPv6 targets",
        fix="set ip-address-type to dualstack, or remove IPv6 from spec.ipFamilies of the Service",
        example=Example(
            together(patch("Service", "web", {}, "spec:\n  ipFamilies: [IPv6]"), ingress({"target-type": "ip"})),
            together(patch("Service", "web", {}, "spec:\n  ipFamilies: [IPv4]"), ingress({"target-type": "ip"})),
        ),
    ),
)

ROWS: tuple[ProblemRow, ...] = (*value.ROWS, *group.ROWS, *RULES, ROOT, *SETTINGS, *custom.ROWS, *service.INPUT, *manifest.ROWS)
