"""Annotations of other controllers and of old versions, with the annotation of ours that has the same purpose.

Sources: the annotation pages of ingress-nginx, of aws-load-balancer-controller (Services), and of aws-alb-ingress-controller version 1.
"""

from collections.abc import Mapping

from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.annotations import ingress as row

NGINX, SERVICE = "nginx.ingress.kubernetes.io/", "service.beta.kubernetes.io/"
STEM = "aws-load-balancer-"

OWNERS: Mapping[str, str] = {NGINX: "ingress-nginx", SERVICE: "Services of type LoadBalancer"}
"""Who reads the annotations of a prefix."""

_NGINX: Mapping[str, str] = {
    "affinity": "target-group-attributes with stickiness.enabled=true",
    "auth-url": "auth-type",
    "backend-protocol": "backend-protocol",
    "canary-weight": "actions.<name> with weights",
    "default-backend": "spec.defaultBackend of the Ingress",
    "enable-cors": "listener-attributes.<protocol>-<port> with routing.http.response.access_control_*",
    "force-ssl-redirect": "ssl-redirect",
    "permanent-redirect": "actions.<name> with a redirect",
    "proxy-body-size": "nothing; a load balancer has no such limit",
    "proxy-read-timeout": "load-balancer-attributes with idle_timeout.timeout_seconds",
    "rewrite-target": "transforms.<name>",
    "server-alias": "conditions.<name> with host-header",
    "ssl-redirect": "ssl-redirect",
    "temporal-redirect": "actions.<name> with a redirect",
    "upstream-vhost": "transforms.<name> with host-header-rewrite",
    "use-regex": "use-regex-path-match",
    "whitelist-source-range": "inbound-cidrs",
}
_FIRST: Mapping[str, str] = {
    "attributes": "load-balancer-attributes",
    "connection-idle-timeout": "load-balancer-attributes with idle_timeout.timeout_seconds",
    "port": "listen-ports",
    "ports": "listen-ports",
    "successcodes": "success-codes",
}
"""Annotations of version 1 with our prefix, in lower case."""


_OURS = frozenset(each.name for each in ANNOTATIONS.values() if each.prefix == row.PREFIX)


def successor(key: str) -> str:
    """The annotation of ours (or the field) that replaces a foreign one on an Ingress; empty if none does."""
    if key.startswith(NGINX):
        return _NGINX.get(key.removeprefix(NGINX), "")
    if key.startswith(SERVICE + STEM):
        rest = key.removeprefix(SERVICE + STEM)
        return next((name for name in (f"frontend-nlb-{rest}", rest, f"load-balancer-{rest}") if name in _OURS), "")
    return _FIRST.get(key.removeprefix(row.PREFIX).lower(), "") if key.startswith(row.PREFIX) else ""


def owner(key: str) -> str:
    """Who reads this annotation of a foreign prefix; empty if the prefix is not known."""
    return next((words for prefix, words in OWNERS.items() if key.startswith(prefix)), "")
