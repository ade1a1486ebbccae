"""Envoy, told by Describe answers, and the offline reading of rules agree on made-up conditions and requests."""

import random
import string
from typing import Any

import pytest
from packages.sandbox.tests.envoy.conftest import Account, Client, Plane

from albatross.model.resources.rule import Condition
from albatross.traffic import HttpRequest, holds

pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]

# Few letters, so that conditions are met often enough.
HOSTS = ("a.b.test", "A.b.test", "ab.test", "b.test", "a.test")
PATHS = ("/", "/a", "/a/", "/a/b", "/A/b", "/ab", "/a.b", "/a~b", "/a/b/a")
QUERIES = ("", "a=b", "A=B", "a=&b=a", "ab", "a=a&a=b", "b=a%20b", "a%2Fb=c", "a=b=c")
SOURCES = ("127.0.0.0/8", "127.0.0.1/32", "10.0.0.0/8", "128.0.0.0/1", "0.0.0.0/1")


def wild(chance: random.Random, text: str) -> str:
    """A glob near a text: some characters become wildcards, some runs vanish into one."""
    out = [chance.choice((char, char, char, "?", "*")) for char in text]
    return "".join(out) or "*"


def regex(chance: random.Random, text: str) -> str:
    """An expression near a text, anchored or not."""
    part = "".join(chance.choice((char, char, ".", f"[{char}x]", f"{char}?")) if char.isalnum() else "\\" + char for char in text)
    return chance.choice(("^", "")) + part + chance.choice(("$", "", ".*"))


def condition(chance: random.Random) -> Condition:
    """Any condition of the six kinds."""
    kind = chance.choice(("host-header", "path-pattern", "http-header", "http-request-method", "query-string", "source-ip"))
    if kind == "http-request-method":
        return Condition(field=kind, values=tuple(chance.sample(("GET", "PUT", "DELETE"), 2)))
    if kind == "source-ip":
        return Condition(field=kind, values=tuple(chance.sample(SOURCES, 2)))
    if kind == "query-string":
        key, value = chance.choice(("a", "A", "?", "*b", "a/b", None)), chance.choice(("b", "*", "?", "a b", "B*", "b=c", r"\*"))
        return Condition(field=kind, query=((key, value),))
    texts = {"host-header": HOSTS, "path-pattern": PATHS, "http-header": HOSTS}[kind]
    made = regex if chance.random() < 0.3 else wild
    values = tuple(made(chance, chance.choice(texts)) for _ in range(chance.choice((1, 2))))
    header = "X-Name" if kind == "http-header" else ""
    if made is regex:
        return Condition(field=kind, regex_values=values, header=header)
    return Condition(field=kind, values=values, header=header)


def described(given: Condition) -> Json:
    """The condition as DescribeRules shows it."""
    config: Json = {"Values": list(given.values)} if given.values else {"RegexValues": list(given.regex_values)}
    match given.field:
        case "http-header":
            return {"Field": given.field, "HttpHeaderConfig": config | {"HttpHeaderName": given.header}}
        case "query-string":
            pairs = [{"Value": value} | ({"Key": key} if key else {}) for key, value in given.query]
            return {"Field": given.field, "QueryStringConfig": {"Values": pairs}}
        case other:
            return {"Field": other, string.capwords(other, "-").replace("-", "") + "Config": config}


def request(chance: random.Random) -> HttpRequest:
    """Any request."""
    return HttpRequest(
        method=chance.choice(("GET", "PUT", "POST")),
        host=chance.choice(HOSTS),
        path=chance.choice(PATHS),
        query=chance.choice(QUERIES),
        headers=(("X-Name", chance.choice(HOSTS)),),
    )


@pytest.mark.parametrize("seed", range(4))
async def test_agreement(seed: int, account: Account, plane: Plane, client: Client) -> None:
    chance = random.Random(seed)
    lb = account.balancer()
    listener = account.listener(lb, 18080, fixed("missed"))
    cases = [(condition(chance), request(chance)) for _ in range(150)]
    for i, (given, _) in enumerate(cases):
        case = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Case", "Values": [str(i)]}}
        account.rule(listener, i + 1, [case, described(given)], fixed("met"))
    loop = await plane.serve(account)
    assert not loop.view.warnings[lb]
    wrong = []
    for i, (given, asked) in enumerate(cases):
        url = plane.url(lb, 18080, asked.path + (f"?{asked.query}" if asked.query else ""))
        headers = dict(asked.headers) | {"X-Case": str(i)}
        answer = await client.get(url, host=asked.host, method=asked.method, headers=headers)
        if answer.text != ("met" if holds(given, asked) else "missed"):
            wrong.append((answer.text, given, asked.url, asked.headers))
    assert not wrong
    assert 20 < sum(holds(*case) for case in cases) < 130


def fixed(text: str) -> Json:
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": text}}
