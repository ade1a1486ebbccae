"""Conditions and actions of rules: each reads back as it was written."""

from dataclasses import replace
from typing import Any

from tests.aws.deploy import BACKEND, TG, Account, deploy, rule, run, stack, with_backend, written

from albatross.aws.perform import backend
from albatross.model.resources.action import (
    Action,
    AuthenticateCognito,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    JwtClaim,
    JwtValidation,
    Redirect,
    Stickiness,
    WeightedTargetGroup,
)
from albatross.model.resources.rule import Condition, Transform


async def test_every_condition_and_transform_reads_back_as_written(account: Account) -> None:
    conditions = (
        Condition(field="host-header", regex_values=("^a",)),
        Condition(field="http-header", header="X-A", values=("1", "2*")),
        Condition(field="http-request-method", values=("GET",)),
        Condition(field="query-string", query=((None, "v"), ("k", "w"))),
        Condition(field="source-ip", values=("10.0.0.0/8",)),
        Condition(field="path-pattern", values=("/p",)),
    )
    rewrites = (Transform("url-rewrite", (("^/a", "/b"),)), Transform("host-header-rewrite", (("^a", "b"),)))
    rules = tuple(
        replace(rule(index, "/"), conditions=(each, Condition(field="path-pattern", values=(f"/{index}",)))[: 1 + (index != 6)])
        for index, each in enumerate(conditions, 1)
    )
    async with account.session(keys=account.granted()) as session:
        wanted = stack(account, account.stack_id(), *rules[:-1], replace(rules[-1], transforms=rewrites))
        old = await deploy(account, session, wanted)
        plainer = replace(old, rules=(*old.rules[:-1], replace(old.rules[-1], transforms=())))
        await deploy(account, session, plainer)


SIGN_IN: dict[str, Any] = {
    "on_unauthenticated_request": "authenticate",
    "scope": "openid",
    "session_cookie_name": "AWSELBAuthSessionCookie",
    "session_timeout": 604800,
    "extra_params": (("display", "page"),),
}


def oidc(secret: str) -> AuthenticateOidc:
    return AuthenticateOidc(
        issuer="https://idp.example.com",
        authorization_endpoint="https://idp.example.com/authorize",
        token_endpoint="https://idp.example.com/token",
        user_info_endpoint="https://idp.example.com/userinfo",
        client_id="client",
        client_secret=secret,
        **SIGN_IN,
    )


COGNITO = AuthenticateCognito(
    user_pool_arn="arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/ap-northeast-2_abc",
    user_pool_client_id="client",
    user_pool_domain="domain",
    **SIGN_IN,
)
JWT = JwtValidation(
    jwks_endpoint="https://idp.example.com/keys",
    issuer="https://idp.example.com",
    additional_claims=(JwtClaim(format="string-array", name="groups", values=("a", "b")),),
)


async def test_every_action_reads_back_as_written(account: Account) -> None:
    to_web = Forward((WeightedTargetGroup(TG, 5),), Stickiness(enabled=True, duration_seconds=30))
    several: tuple[tuple[Action, ...], ...] = (
        (COGNITO, to_web),
        (oidc("one"), to_web),
        (JWT, to_web),
        (Redirect(status_code="HTTP_302", host="a.example.com", path="/x", query="q"),),
        (FixedResponse(status_code="503", content_type="application/json", message_body="{}"),),
    )
    rules = tuple(rule(number, f"/{number}", "443", actions=each) for number, each in enumerate(several, 1))
    async with account.session(keys=account.granted()) as session:
        old = await deploy(account, session, stack(account, account.stack_id(), *rules))
        await run(session, old, account.config)
        rotated = replace(old, rules=(rules[0], replace(rules[1], actions=(oidc("two"), to_web)), *rules[2:]))
        assert (await run(session, rotated, account.config)).results == ()  # a new process takes the secret to be the same


async def test_a_secret_that_changes_is_written_once(account: Account) -> None:
    async with account.session(keys=account.granted()) as session:
        identity = account.stack_id()
        known = [rule(1, "/", "443", actions=(oidc(secret), Forward((WeightedTargetGroup(TG),)))) for secret in ("one", "two")]
        base = stack(account, identity, known[0])
        outcome = await run(session, base, account.config)
        group = outcome.ids.get(BACKEND) or await backend.ensure(session)
        settled = replace(base, load_balancers=tuple(with_backend(each, group) for each in base.load_balancers))
        since = account.mark()
        for _ in range(2):
            await run(session, replace(settled, rules=(known[1],)), account.config)
        assert written(account, since) == ["ModifyRule"]
