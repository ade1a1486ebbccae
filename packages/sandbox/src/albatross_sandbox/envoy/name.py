"""Names of things in Envoy, from the ARNs they stand for, and the type URLs of its messages."""

import hashlib

_TYPE = "type.googleapis.com/envoy."
ROUTES = _TYPE + "config.route.v3.RouteConfiguration"
LISTENER = _TYPE + "config.listener.v3.Listener"
CLUSTER = _TYPE + "config.cluster.v3.Cluster"


def extension(path: str) -> str:
    """The type URL of an extension's message, `filters.http.lua.v3.Lua`."""
    return f"{_TYPE}extensions.{path}"


def resource(arn: str) -> str:
    """The part of an ARN that names the thing: `targetgroup/web/0123456789abcdef`."""
    return arn.split(":", 5)[-1]


def zonal(arn: str, zone: str) -> str:
    """The part of the thing that is in one zone; the thing itself without a zone."""
    return f"{resource(arn)}@{zone}" if zone else resource(arn)


def client(cluster: str) -> str:
    """The cluster with the same targets, which see the client's address."""
    return f"{cluster}/client"


def token(arn: str) -> str:
    """A short opaque name for a target group in a cookie."""
    return hashlib.sha256(arn.encode()).hexdigest()[:32]
