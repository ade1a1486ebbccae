"""Annotations of Albatross itself (`albatross.dev/…`), which the AWS controller does not know."""

from albatross.catalog.annotations.row import Annotation, Merge
from albatross.catalog.value import boolean, integer

PREFIX = _P = "albatross.dev/"

DNS = Annotation(
    key=_P + "dns", parse=boolean, type="bool",
    about="whether the hosts of the rules and of the TLS section get records in Route 53",
    default="--enable-dns (false)", example="true", source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html",
)  # fmt: skip
REPLACE_GRACE = Annotation(
    key=_P + "replace-grace-seconds", parse=integer(32, 0, 86400), type="int32", merge=Merge.EXCLUSIVE, kinds=("Ingress", "Service"),
    about="how long a load balancer that had to be replaced still answers after the address has moved to the new one; "
    "0: it is deleted before the new one is created",
    default="--replace-grace (300)", unit="seconds", range="0..86400", example="600",
)  # fmt: skip
