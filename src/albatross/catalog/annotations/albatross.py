"""Annotations of Albatross itself (`albatross.dev/…`), which the AWS controller does not know."""

from albatross.catalog.annotations.row import Annotation
from albatross.catalog.value import boolean

PREFIX = _P = "albatross.dev/"

DNS = Annotation(
    key=_P + "dns", parse=boolean, type="bool",
    about="whether the hosts of the rules and of the TLS section get records in Route 53",
    default="--enable-dns (false)", example="true", source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html",
)  # fmt: skip
