"""Which rule a request matches, through the real Envoy."""

import pytest
from packages.sandbox.tests.envoy.conftest import Account, Client, Json, Plane
from packages.sandbox.tests.envoy.parts import fixed, header, host, method, path, query, source

pytestmark = pytest.mark.asyncio(loop_scope="session")


CONDITIONS: list[tuple[list[Json], str, Json, bool]] = [
    ([host("api.example.com")], "/", {"host": "API.example.com"}, True),
    ([host("api.example.com")], "/", {"host": "api.example.com:8080"}, True),
    ([host("*.example.com")], "/", {"host": "a.b.example.com"}, True),
    ([host("*.example.com")], "/", {"host": "example.com"}, False),
    ([host("a?.example.com")], "/", {"host": "ab.example.com"}, True),
    ([host("one.test", "two.test")], "/", {"host": "two.test"}, True),
    ([host(r"^api\d+\.example\.com$", key="RegexValues")], "/", {"host": "api7.example.com:81"}, True),
    ([host(r"^api\d+\.example\.com$", key="RegexValues")], "/", {"host": "apis.example.com"}, False),
    ([path("/a/*")], "/a/b/c?x=/q", {}, True),
    ([path("/a/*")], "/a", {}, False),
    ([path("/a/*")], "/A/b", {}, False),
    ([path("/a?c")], "/abc", {}, True),
    ([path("/a")], "/a?b=c", {}, True),
    ([path("*.png")], "/x?y=.png", {}, False),
    ([path("/x", "/y")], "/y", {}, True),
    ([path("/*")], "/", {}, True),
    ([path("^/v[0-9]+/", key="RegexValues")], "/v12/x", {}, True),
    ([path("^/v[0-9]+$", key="RegexValues")], "/v12?q=1", {}, True),
    ([path("^/v[0-9]+$", key="RegexValues")], "/v12/x", {}, False),
    ([header("X-Env", "prod*")], "/", {"headers": {"x-env": "PRODUCTION"}}, True),
    ([header("X-Env", "prod")], "/", {"headers": {"x-env": "production"}}, False),
    ([header("X-Env", "prod")], "/", {}, False),
    ([header("X-Env", "ro?u", key="RegexValues")], "/", {"headers": {"x-env": "production"}}, False),
    ([header("X-Env", "^pro+d", key="RegexValues")], "/", {"headers": {"x-env": "production"}}, True),
    ([method("POST", "PUT")], "/", {"method": "PUT"}, True),
    ([method("POST", "PUT")], "/", {"method": "GET"}, False),
    ([query(("version", "v1"))], "/?a=b&VERSION=V1", {}, True),
    ([query(("version", "v1"))], "/?version=v12", {}, False),
    ([query((None, "*beta*"))], "/?x=is-beta-1", {}, True),
    ([query((None, "beta"))], "/?beta=x", {}, False),
    ([query(("k*", "?"))], "/?key=1&z=2", {}, True),
    ([query(("a", "1"), ("b", "2"))], "/?b=2", {}, True),
    ([query(("a", "1")), query(("b", "2"))], "/?b=2", {}, False),
    ([query(("a", "x y"))], "/?a=x%20y", {}, True),
    ([source("127.0.0.0/8")], "/", {}, True),
    ([source("10.0.0.0/8", "127.0.0.1/32")], "/", {}, True),
    ([source("10.0.0.0/8")], "/", {"headers": {"x-sandbox-source": "10.0.0.1", "x-forwarded-for": "10.0.0.1"}}, False),
    ([source("2001:db8::/32")], "/", {}, False),
    ([host("api.test"), path("/a")], "/a", {"host": "api.test"}, True),
    ([host("api.test"), path("/a")], "/b", {"host": "api.test"}, False),
]


async def test_conditions(account: Account, plane: Plane, client: Client) -> None:
    lb = account.balancer()
    for i, (conditions, *_) in enumerate(CONDITIONS):
        listener = account.listener(lb, 18000 + i, fixed("missed", 404))
        account.rule(listener, 1, conditions, fixed("met"))
    await plane.serve(account)
    for i, (conditions, url, sent, met) in enumerate(CONDITIONS):
        answer = await client.get(plane.url(lb, 18000 + i, url), **sent)
        assert answer.text == ("met" if met else "missed"), (conditions, url, sent)


async def test_rules_go_by_priority_then_default(account: Account, plane: Plane, client: Client) -> None:
    lb = account.balancer()
    listener = account.listener(lb, 18080, fixed("default", 404))
    account.rule(listener, 20, [path("/*")], fixed("second"))
    account.rule(listener, 3, [path("/a*")], fixed("first"))
    await plane.serve(account)
    texts = [(await client.get(plane.url(lb, 18080, url))).text for url in ("/ab", "/b")]
    assert texts == ["first", "second"]
