"""Rules: elbv2 `Rule`, its conditions and transforms ↔ model."""

from collections.abc import Mapping, Sequence
from typing import Any

from albatross.aws.wire import action
from albatross.model.observed import Owned
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.rule import Condition, Rule, Transform

Item = Mapping[str, Any]

_CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_REWRITES = {"url-rewrite": "UrlRewriteConfig", "host-header-rewrite": "HostHeaderRewriteConfig"}


def settings(rule: Rule, weighted: bool = True) -> dict[str, Any]:
    """The common parameters of CreateRule and ModifyRule: actions and conditions."""
    return {"Actions": action.write(rule.actions, weighted), "Conditions": [_condition(each) for each in rule.conditions]}


def transforms(rule: Rule) -> list[dict[str, Any]]:
    """Model → request."""
    return [
        {"Type": each.type, _REWRITES[each.type]: {"Rewrites": [{"Regex": regex, "Replace": text} for regex, text in each.rewrites]}}
        for each in rule.transforms
    ]


def _condition(condition: Condition) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if condition.field == "query-string":
        config["Values"] = [action.given(Key=key, Value=value) for key, value in condition.query]
    elif condition.values or not condition.regex_values:
        config["Values"] = list(condition.values)
    if condition.regex_values:
        config["RegexValues"] = list(condition.regex_values)
    if condition.field == "http-header":
        config["HttpHeaderName"] = condition.header
    return {"Field": condition.field, _CONFIGS[condition.field]: config}


def read(item: Item, listener: str, tags: Pairs, resource: str, remembered: str = "") -> Owned[Rule]:
    """Answer → model, without its listener; the ARN of the listener is the `parent`."""
    priority = item.get("Priority", "default")
    rule = Rule(
        id=resource,
        listener=Ref("Listener", "", "arn"),
        priority=int(priority) if priority != "default" else 0,
        actions=action.read(item.get("Actions") or (), remembered),
        conditions=read_conditions(item.get("Conditions") or ()),
        transforms=tuple(_read_transform(each) for each in item.get("Transforms") or ()),
    )
    return Owned(resource=rule, arn=item["RuleArn"], tags=tags, parent=listener)


def read_conditions(items: Sequence[Item]) -> tuple[Condition, ...]:
    """Answer → model; a condition in the old form (top-level Values) gives the same result."""
    return tuple(_read_condition(item) for item in items)


def _read_condition(item: Item) -> Condition:
    config = item.get(_CONFIGS[item["Field"]]) or {}
    values = config.get("Values") or item.get("Values") or ()
    query = item["Field"] == "query-string"
    return Condition(
        field=item["Field"],
        values=() if query else tuple(values),
        regex_values=tuple(config.get("RegexValues") or item.get("RegexValues") or ()),
        header=config.get("HttpHeaderName") or "",
        query=tuple((each.get("Key"), each.get("Value", "")) for each in values) if query else (),
    )


def _read_transform(item: Item) -> Transform:
    config = item.get(_REWRITES[item["Type"]]) or {}
    return Transform(item["Type"], tuple((each["Regex"], each["Replace"]) for each in config.get("Rewrites") or ()))
