"""Tags of every ELBv2 resource."""

from typing import Any

from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Request, Result, Store

_MOST = 50  # user guide, "Tag restrictions"
_ARNS = 20  # DescribeTags takes at most this many


def read(rows: list[dict[str, Any]] | None) -> dict[str, str]:
    """A request's tag list as a dict; raises the faults AWS has for bad ones."""
    tags: dict[str, str] = {}
    for row in rows or []:
        if row["Key"].lower().startswith("aws:"):
            raise invalid("aws: prefixed tag key names are not allowed for external use.")
        if row["Key"] in tags:
            raise Fault("DuplicateTagKeys", f"Tag key '{row['Key']}' was specified more than once")
        tags[row["Key"]] = row.get("Value", "")
    if len(tags) > _MOST:
        raise Fault("TooManyTags", f"The maximum number of tags per resource is {_MOST}")
    return tags


def holder(store: Store, arn: str) -> dict[str, str]:
    """The stored tags of a resource of any kind, to read or change; raises the kind's NotFound."""
    kind = arn.split(":", 5)[-1].partition("/")[0] if arn.count(":") >= 5 else ""
    if kind == "loadbalancer":
        return store.load_balancer(arn).tags
    if kind == "targetgroup":
        return store.target_group(arn).tags
    if kind == "listener":
        return store.listener(arn).tags
    if kind == "listener-rule":
        return store.rule(arn).tags
    if kind == "truststore":
        return store.trust_store(arn).tags
    raise invalid(f"'{arn}' is not a valid load balancer, target group, listener, listener rule or trust store ARN")


def rows(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags as AWS lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def describe(store: Store, request: Request) -> Result:
    """DescribeTags."""
    arns = request["ResourceArns"]
    if len(arns) > _ARNS:
        raise invalid(f"1 validation error detected: Value at 'resourceArns' must have length less than or equal to {_ARNS}")
    return {"TagDescriptions": [{"ResourceArn": arn, "Tags": rows(holder(store, arn))} for arn in arns]}


def add(store: Store, request: Request) -> Result:
    """AddTags."""
    wanted = read(request["Tags"])
    held = [holder(store, arn) for arn in request["ResourceArns"]]
    if any(len({**tags, **wanted}) > _MOST for tags in held):
        raise Fault("TooManyTags", f"The maximum number of tags per resource is {_MOST}")
    for tags in held:
        tags.update(wanted)
    return {}


def remove(store: Store, request: Request) -> Result:
    """RemoveTags; keys that are not there are no error."""
    if any(key.lower().startswith("aws:") for key in request["TagKeys"]):
        raise invalid("aws: prefixed tag key names are not allowed for external use.")
    for tags in [holder(store, arn) for arn in request["ResourceArns"]]:
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}
