"""Rule conditions → Envoy's route match; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from albatross_sandbox.envoy import pattern
from albatross_sandbox.envoy.state import Condition, Pair

Json = dict[str, Any]

# The peer's `address:port`, written over whatever a client sends before routes are looked at, removed before targets see it.
SOURCE = "x-sandbox-source"
# The listener that a request came in by, likewise.
LISTENER = "x-sandbox-listener"
_PORT = r"(?::\d+)?"
# Every request has a path.
_NEVER: Json = {"name": ":path", "present_match": True, "invert_match": True}


@dataclass(slots=True)
class Match:
    """A route match under construction, with what could not be said in it."""

    path: str = ""
    headers: list[Json] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def header(self, name: str, regex: str) -> None:
        """Require a header to match, whole."""
        self.headers.append({"name": name, "string_match": {"safe_regex": {"regex": regex}}})

    def never(self, reason: str) -> None:
        """Let nothing match, and say why."""
        self.headers.append(_NEVER)
        self.warnings.append(reason)

    def envoy(self) -> Json:
        """Envoy's RouteMatch."""
        place: Json = {"safe_regex": {"regex": self.path}} if self.path else {"prefix": "/"}
        return place | ({"headers": self.headers} if self.headers else {})


def match(conditions: Iterable[Condition]) -> Match:
    """The match that wants all of these conditions."""
    built = Match()
    for each in conditions:
        refused = [f"regular expression {regex!r} has {why}" for regex in each.regexes if (why := pattern.beyond(regex))]
        if refused:
            built.never(f"{each.field} condition matches nothing: {'; '.join(refused)}")
        else:
            _add(built, each)
    return built


def _add(built: Match, condition: Condition) -> None:
    match condition.field:
        case "host-header":
            built.header(":authority", _host(condition))
        case "path-pattern":
            _path(built, condition)
        case "http-header":
            patterns = [pattern.glob(each) for each in condition.values] + [pattern.within(each) for each in condition.regexes]
            built.header(condition.header.lower(), "(?i)" + pattern.either(patterns))
        case "http-request-method":
            built.header(":method", pattern.either(pattern.glob(each) for each in condition.values))
        case "query-string":
            built.header(":path", rf"(?i)[^?]*\?(?:.*&)?{pattern.either(_pair(each) for each in condition.pairs)}(?:&.*)?")
        case "source-ip":
            _source(built, condition)
        case other:
            built.never(f"condition {other!r} is not known here, so the rule matches nothing")


def _host(condition: Condition) -> str:
    """Names only: AWS lets no port into a host pattern, so one in the header does not count."""
    patterns = [pattern.glob(each) + _PORT for each in condition.values]
    for each in condition.regexes:
        anchored = each.endswith("$") and not each.endswith(r"\$")
        patterns.append(pattern.within(each[:-1] + _PORT + "$" if anchored else each))
    return "(?i)" + pattern.either(patterns)


def _path(built: Match, condition: Condition) -> None:
    if built.path:
        # AWS takes one path condition in a rule; were there two, the second can only be said of the path with its query.
        built.header(":path", pattern.either(pattern.glob(each, "[^?]") for each in condition.values) + r"(?:\?.*)?")
        return
    built.path = pattern.either([pattern.glob(each) for each in condition.values] + [pattern.within(each) for each in condition.regexes])


def _pair(pair: Pair) -> str:
    key = "[^=&]*" if pair.key is None else pattern.encoded(pair.key, "[^=&]")
    value = pattern.encoded(pair.value, "[^&]")
    return f"{key}(?:={value})?" if not pair.value.strip("*") else f"{key}={value}"


def _source(built: Match, condition: Condition) -> None:
    ranges = [regex for each in condition.values if (regex := pattern.cidr(each))]
    if ranges:
        built.header(SOURCE, pattern.either(ranges) + _PORT)
    else:
        built.never("source-ip condition names IPv6 ranges only: requests here come from IPv4 loopback addresses")
