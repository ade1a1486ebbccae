"""Conditions and transforms of rules: checked as AWS checks them, stored as AWS shows them."""

import ipaddress
import re
from typing import Any

from albatross_sandbox.aws import account
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Store

Condition = dict[str, Any]
Transform = dict[str, Any]

_CONFIG = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_REGEX = ("host-header", "path-pattern", "http-header")
_ONCE = ("host-header", "path-pattern", "http-request-method", "source-ip")
_REWRITE = {"url-rewrite": "UrlRewriteConfig", "host-header-rewrite": "HostHeaderRewriteConfig"}
_PATH = re.compile(r"[A-Za-z0-9_\-.$/~\"'@:+&*?]{1,128}")  # API reference, RuleCondition: path patterns
_HOST = re.compile(r"[A-Za-z0-9\-.?*]{1,128}")
_METHOD = re.compile(r"[A-Z_-]{1,40}")
_HEADER = re.compile(r"[A-Za-z0-9*?\-!#$%&'+.^_`|~]{1,40}")
_PLAIN = re.compile(r"[\x20-\x7e]{1,128}")


def read(store: Store, given: list[Condition]) -> list[Condition]:
    """A request's conditions in AWS's stored form; raises the faults AWS has for bad ones."""
    conditions = [_normal(condition) for condition in given]
    fields = [condition["Field"] for condition in conditions]
    for name in _ONCE:
        if fields.count(name) > 1:
            raise invalid(f"A rule can have at most one condition of field '{name}'")
    values = [value for condition in conditions for value in _values(condition)]
    most = account.limit(store, "condition-values-per-alb-rule")
    if len(values) > most:
        raise invalid(f"A rule can only have '{most}' condition values")
    wild = account.limit(store, "condition-wildcards-per-alb-rule")
    if sum(len(re.findall(r"[*?]", text)) for text in _wildcards(conditions)) > wild:
        raise invalid(f"A rule can only have '{wild}' condition wildcards")
    return conditions


def _normal(given: Condition) -> Condition:
    field = given.get("Field", "")
    if not field:
        raise invalid("A condition field must be specified")
    if field not in _CONFIG:
        raise invalid(f"Condition field '{field}' must be one of '[{', '.join(_CONFIG)}]'")
    name = _CONFIG[field]
    if any(other in given for other in _CONFIG.values() if other != name):
        raise invalid(f"A condition of field '{field}' must carry '{name}' only")
    config = dict(given.get(name) or {})
    if given.get("Values") and given.get(name):
        raise invalid(f"You cannot provide both Values and '{name}' for a condition of type '{field}'")
    if "Values" in given and "Values" not in config and given["Values"]:
        _require_plain(field)
        config["Values"] = given["Values"]
    if given.get("RegexValues") and not config.get("RegexValues"):
        config["RegexValues"] = given["RegexValues"]
    config = {key: value for key, value in config.items() if value != []}
    _check(field, config)
    out: Condition = {"Field": field, name: config}
    if field in ("host-header", "path-pattern"):
        out.update({key: config[key] for key in ("Values", "RegexValues") if key in config})
    return out


def _require_plain(field: str) -> None:
    if field not in ("host-header", "path-pattern"):
        raise invalid(f"Condition values of field '{field}' must be specified in '{_CONFIG[field]}'")


def _check(field: str, config: Condition) -> None:
    values, regexes = config.get("Values", []), config.get("RegexValues", [])
    if not values and not regexes:
        raise invalid("A condition value must be specified")
    if values and regexes:
        raise invalid("A condition can have either values or regex values")
    if regexes and field not in _REGEX:
        raise invalid(f"Regex values are not supported for field '{field}'")
    for regex in regexes:
        check_regex(regex)
    if field == "http-header":
        _check_header(config)
    for value in values:
        _CHECKS[field](value)


def check_regex(regex: str) -> None:
    """Refuse a pattern that does not compile or is too long (128 characters)."""
    if not 1 <= len(regex) <= 128:
        raise invalid(f"The regex '{regex}' must be from 1 to 128 characters")
    try:
        re.compile(regex)
    except re.error:
        raise invalid(f"The regex '{regex}' is not valid") from None


def _check_header(config: Condition) -> None:
    if not _HEADER.fullmatch(config.get("HttpHeaderName", "")):
        raise invalid(f"The HTTP header name '{config.get('HttpHeaderName', '')}' is not valid")
    if config["HttpHeaderName"].lower() == "host":
        raise invalid("The Host header must be specified as a host-header condition")


def _matches(pattern: re.Pattern[str]) -> Any:
    def check(value: str) -> None:
        if not pattern.fullmatch(value):
            raise invalid(f"Condition value '{value}' contains a character that is not valid")

    return check


def _check_source(value: str) -> None:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise invalid(f"The source IP '{value}' must be in CIDR format") from None
    if "/" not in value:
        raise invalid(f"The source IP '{value}' must be in CIDR format")


def _check_query(value: Condition) -> None:
    if not value.get("Value"):
        raise invalid("A query string condition must have a value")
    if any(not _PLAIN.fullmatch(text) for text in (value.get("Key") or "x", value["Value"])):
        raise invalid(f"The query string '{value.get('Key', '')}={value['Value']}' is not valid")


_CHECKS: dict[str, Any] = {
    "host-header": _matches(_HOST),
    "path-pattern": _matches(_PATH),
    "http-header": _matches(_PLAIN),
    "http-request-method": _matches(_METHOD),
    "query-string": _check_query,
    "source-ip": _check_source,
}


def _values(condition: Condition) -> list[Any]:
    config = condition[_CONFIG[condition["Field"]]]
    return [*config.get("Values", []), *config.get("RegexValues", [])]


def _wildcards(conditions: list[Condition]) -> list[str]:
    texts = []
    for condition in conditions:
        for value in condition[_CONFIG[condition["Field"]]].get("Values", []):
            texts += [value] if isinstance(value, str) else [value.get("Key", ""), value["Value"]]
    return texts


def read_transforms(given: list[Transform]) -> list[Transform]:
    """A request's transforms; at most one of each type, one rewrite in each."""
    kinds = [transform["Type"] for transform in given]
    if len(set(kinds)) < len(kinds):
        raise invalid("A rule can have at most one transform of each type")
    for transform in given:
        name = _REWRITE[transform["Type"]]
        if any(other in transform for other in _REWRITE.values() if other != name):
            raise invalid(f"A transform of type '{transform['Type']}' must carry '{name}' only")
        rewrites = (transform.get(name) or {}).get("Rewrites", [])
        if len(rewrites) != 1:
            raise Fault("InvalidConfigurationRequest", f"A transform of type '{transform['Type']}' must have exactly one rewrite")
        check_regex(rewrites[0].get("Regex", ""))
    return given
