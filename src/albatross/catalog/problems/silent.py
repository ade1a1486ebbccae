"""LB184 to LB186, and LB250: mistakes that nothing reports until they have an effect."""

from collections.abc import Mapping

from albatross.catalog.problems.example import annotated, ingress, swapped
from albatross.catalog.problems.row import Example, ProblemRow

_ARN = "arn:aws:acm:{region}:123456789012:certificate/1"
_CLASS = "spec:\n  ingressClassName: {name}\n"


def _public(cidrs: str) -> Mapping[str, str]:
    return {"scheme": "internet-facing", "inbound-cidrs": cidrs}


ROWS: tuple[ProblemRow, ...] = (
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
        example=annotated("certificate-arn", _ARN.format(region="us-east-1"), _ARN.format(region="ap-northeast-2")),
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
        code="LB250",
        slug="no-class",
        severity="warning",
        summary="the Ingress has annotations of this controller, but no class, and no IngressClass in the files is the default",
        why="without a class, only the default IngressClass of the cluster decides who serves the Ingress; without one, nobody does",
        fix="set spec.ingressClassName, for example to alb",
        example=Example(
            ingress({"scheme": "internal"}, _CLASS.format(name="null")),
            ingress({"scheme": "internal"}, _CLASS.format(name="alb")),
            partial=True,
        ),
    ),
)
