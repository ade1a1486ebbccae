"""Which rule does this request meet, and why not the others: the reading of a load balancer that ALB itself makes.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import assert_never
from urllib.parse import unquote_plus, urlsplit

from albatross.model.resources.action import (
    Action,
    AuthenticateCognito,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    JwtValidation,
    Redirect,
)
from albatross.model.resources.listener import Listener
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.stack import Stack

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it reaches a listener. `headers` are (name, value) in order; `query` has no `?`; `host` has no port."""

    method: str = "GET"
    scheme: str = "http"
    host: str
    port: int = 80
    path: str = "/"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    source_ip: str = "127.0.0.1"

    @classmethod
    def of(cls, method: str, url: str, headers: Iterable[tuple[str, str]] = (), source_ip: str = "127.0.0.1") -> "HttpRequest":
        """The request a client makes of a URL; a Host header wins over the URL's host. ValueError where the URL has no scheme or host."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"not an http or https URL: {url!r}")
        kept = tuple(headers)
        host = next((v for k, v in kept if k.lower() == "host"), parts.hostname)
        return cls(
            method=method,
            scheme=parts.scheme,
            host=_hostname(host),
            port=parts.port or DEFAULT_PORTS[parts.scheme],
            path=parts.path or "/",
            query=parts.query,
            headers=kept,
            source_ip=source_ip,
        )

    @property
    def url(self) -> str:
        """The request's URL, its port written only where it is not the scheme's own."""
        port = "" if DEFAULT_PORTS.get(self.scheme) == self.port else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}" + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule tried. `misses` are the conditions that do not hold; empty means that it is the one."""

    rule: Rule
    misses: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """How a request travels. `listener` is None where nothing listens; `rule` is None for the default actions."""

    request: HttpRequest
    listener: Listener | None = None
    steps: tuple[Tried, ...] = ()
    rule: Rule | None = None
    actions: tuple[Action, ...] = ()


def listeners(stack: Stack) -> tuple[Listener, ...]:
    """The listeners that have rules: those of no network load balancer."""
    network = {each.id for each in stack.load_balancers if each.type == "network"}
    return tuple(each for each in stack.listeners if each.load_balancer.id not in network)


def trace(stack: Stack, request: HttpRequest) -> Trace:
    """The way of one request through the stack's application load balancer."""
    listener = next((each for each in listeners(stack) if each.port == request.port), None)
    if listener is None or listener.protocol.lower() != request.scheme:
        return Trace(request)
    steps: list[Tried] = []
    for rule in sorted((r for r in stack.rules if r.listener.id == listener.id), key=lambda r: r.priority):
        steps.append(Tried(rule, tuple(c for c in rule.conditions if not holds(c, request))))
        if not steps[-1].misses:
            return Trace(request, listener, tuple(steps), rule, rule.actions)
    return Trace(request, listener, tuple(steps), None, listener.default_actions)


def holds(condition: Condition, request: HttpRequest) -> bool:
    """Whether the request meets the condition: one of its values is enough."""
    match condition.field:
        case "host-header":
            return _any(condition, request.host, ignore_case=True)
        case "path-pattern":
            return _any(condition, request.path, ignore_case=False)
        case "http-header":
            found = [v for k, v in request.headers if k.lower() == condition.header.lower()]
            return any(_any(condition, value, ignore_case=True) for value in found)
        case "http-request-method":
            return request.method in condition.values
        case "query-string":
            return any(_pair(key, value, request.query) for key, value in condition.query)
        case "source-ip":
            return any(ipaddress.ip_address(request.source_ip) in ipaddress.ip_network(c, strict=False) for c in condition.values)
    return False


def _any(condition: Condition, text: str, *, ignore_case: bool) -> bool:
    """Values are globs over the whole text; regex values need only be found in it."""
    flags = re.IGNORECASE if ignore_case else 0
    return any(glob(v, ignore_case=ignore_case).fullmatch(text) for v in condition.values) or any(
        re.search(v, text, flags) for v in condition.regex_values
    )


def _pair(key: str | None, value: str, query: str) -> bool:
    for part in query.split("&") if query else ():
        name, _, content = part.partition("=")
        named = key is None or glob(key, ignore_case=True, escapes=True).fullmatch(unquote_plus(name))
        if named and glob(value, ignore_case=True, escapes=True).fullmatch(unquote_plus(content)):
            return True
    return False


@lru_cache(maxsize=4096)
def glob(pattern: str, *, ignore_case: bool, escapes: bool = False) -> re.Pattern[str]:
    """ALB's pattern: `*` is any run of characters, `?` exactly one; in query strings a backslash makes the next one literal."""
    found = re.findall(r"\\.|.", pattern, re.DOTALL) if escapes else list(pattern)
    words = {"*": ".*", "?": "."}
    text = "".join(words.get(c) or re.escape(c[-1] if len(c) == 2 else c) for c in found)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _hostname(host: str) -> str:
    """A Host header without its port."""
    return urlsplit(f"//{host}").hostname or host


# Words ---------------------------------------------------------------------------------------------------------------


def describe(condition: Condition) -> str:
    """The condition in one line: `host-header is www.example.com or *.example.org`."""
    name = f"http-header {condition.header}" if condition.field == "http-header" else condition.field
    if condition.field == "query-string":
        return f"{name} has " + " or ".join(f"{k}={v}" if k is not None else v for k, v in condition.query)
    parts = list(condition.values) + [f"/{v}/" for v in condition.regex_values]
    return f"{name} is " + " or ".join(parts)


def why_not(condition: Condition, request: HttpRequest) -> str:
    """What the request has where the condition wants something else."""
    match condition.field:
        case "host-header":
            have = request.host
        case "path-pattern":
            have = request.path
        case "http-header":
            have = ", ".join(v for k, v in request.headers if k.lower() == condition.header.lower()) or "no such header"
        case "http-request-method":
            have = request.method
        case "query-string":
            have = request.query or "no query"
        case _:
            have = request.source_ip
    return f"{describe(condition)}, not {have}"


def location(redirect: Redirect, request: HttpRequest) -> str:
    """The Location that a redirect answers with; ALB always writes the port."""
    words = {
        "protocol": request.scheme,
        "host": request.host,
        "port": str(request.port),
        "path": request.path.removeprefix("/"),
        "query": request.query,
    }

    def fill(text: str | None, fallback: str) -> str:
        return re.sub(r"#\{(\w+)\}", lambda m: words.get(m[1], m[0]), fallback if text is None else text)

    protocol = fill(redirect.protocol, "#{protocol}").lower()
    query = fill(redirect.query, "#{query}")
    base = f"{protocol}://{fill(redirect.host, '#{host}')}:{fill(redirect.port, '#{port}')}{fill(redirect.path, '/#{path}')}"
    return base + (f"?{query}" if query else "")


def answer(action: Action, request: HttpRequest) -> str:
    """What an action does with the request, in one line."""
    match action:
        case Forward():
            return "forward to " + ", ".join(
                _weighted(t.target_group if isinstance(t.target_group, str) else t.target_group.id, t.weight) for t in action.target_groups
            )
        case FixedResponse():
            return f"answer {action.status_code}" + (f" {action.message_body!r}" if action.message_body else "")
        case Redirect():
            return f"redirect {action.status_code.removeprefix('HTTP_')} to {location(action, request)}"
        case AuthenticateCognito():
            return f"authenticate with Cognito user pool {action.user_pool_domain}, else {action.on_unauthenticated_request}"
        case AuthenticateOidc():
            return f"authenticate with {action.issuer}, else {action.on_unauthenticated_request}"
        case JwtValidation():
            return f"accept only tokens of {action.issuer}"
    assert_never(action)


def _weighted(name: str, weight: int | None) -> str:
    return name if weight is None else f"{name} (weight {weight})"


def _filled(replacement: str, found: re.Match[str]) -> str:
    """A replacement with the groups it names; one that the pattern does not have, or that took no part, is empty."""
    return re.sub(r"\$(\d)", lambda named: found[int(named[1])] or "" if int(named[1]) <= found.re.groups else "", replacement)


def rewritten(rule: Rule, request: HttpRequest) -> HttpRequest:
    """The request as the target receives it: the rule's transforms applied, each rewrite once, in order.

    Source: docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html.
    """
    host, url = request.host, request.path + (f"?{request.query}" if request.query else "")
    for transform in rule.transforms:
        for pattern, replacement in transform.rewrites:
            fill = partial(_filled, replacement)
            if transform.type == "host-header-rewrite":
                host = re.sub(pattern, fill, host, count=1)
            else:
                url = re.sub(pattern, fill, url, count=1)
    path, _, query = url.partition("?")
    return HttpRequest(
        method=request.method,
        scheme=request.scheme,
        host=host,
        port=request.port,
        path=path,
        query=query,
        headers=request.headers,
        source_ip=request.source_ip,
    )
