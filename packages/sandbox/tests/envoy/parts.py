"""Actions and conditions of rules, as the Describe answers spell them."""

from packages.sandbox.tests.envoy.conftest import Json


def fixed(text: str, status: int = 200, kind: str = "text/plain") -> Json:
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": str(status), "ContentType": kind, "MessageBody": text}}


def forward(*groups: tuple[str, int], sticky: int = 0) -> Json:
    config: Json = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in groups]}
    config["TargetGroupStickinessConfig"] = {"Enabled": bool(sticky), "DurationSeconds": sticky or None}
    return {"Type": "forward", "ForwardConfig": config}


def redirect(**config: str) -> Json:
    return {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", **config}}


def host(*values: str, key: str = "Values") -> Json:
    return {"Field": "host-header", "HostHeaderConfig": {key: list(values)}}


def path(*values: str, key: str = "Values") -> Json:
    return {"Field": "path-pattern", "PathPatternConfig": {key: list(values)}}


def header(name: str, *values: str, key: str = "Values") -> Json:
    return {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": name, key: list(values)}}


def query(*values: tuple[str | None, str]) -> Json:
    rows = [{"Value": value} | ({"Key": key} if key else {}) for key, value in values]
    return {"Field": "query-string", "QueryStringConfig": {"Values": rows}}


def method(*values: str) -> Json:
    return {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": list(values)}}


def source(*values: str) -> Json:
    return {"Field": "source-ip", "SourceIpConfig": {"Values": list(values)}}
