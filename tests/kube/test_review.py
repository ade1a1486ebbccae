"""Who this process is in the cluster, and what it may do."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests import account
from tests.kube.wire import Api

from albatross.catalog.rbac import Grant
from albatross.kube import review
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross.kube.token import StaticToken

USER = "system:serviceaccount:kube-system:lb"


def token(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.x"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (token({"sub": USER}), USER),
        (token({"sub": "https://someone"}), ""),
        (token({}), ""),
        (token([]), ""),
        ("a.b", ""),
        ("a.%%%%.c", ""),
        ("opaque", ""),
        ("", ""),
    ],
)
def test_the_account_in_a_token(text: str, name: str) -> None:
    assert review.claimed(text) == name


async def test_the_token_says_who_we_are_without_a_question(api: Api) -> None:
    access = replace(api.access, server="http://127.0.0.1:9", token=StaticToken(token({"sub": USER})))
    async with Client(access, clock=api.clock) as client:
        assert await review.username(client) == USER


async def test_otherwise_the_cluster_says_it(api: Api) -> None:
    assert await review.username(api.client) == "kubernetes-admin"
    async with Client(replace(api.access, token=StaticToken("wrong")), clock=api.clock) as client:
        assert await review.username(client) == ""


async def test_a_rule_is_asked_for_one_by_one(api: Api, tmp_path: Path) -> None:
    await account.made(api.client, "lb", ())
    limited = load(await account.kubeconfig(api.client, "lb", tmp_path / "limited"), environ={})
    async with Client(limited) as client:
        assert await review.username(client) == USER
        asked = (
            Grant("patch", "networking.k8s.io", "ingresses/status"),
            Grant("patch", "networking.k8s.io", "ingresses", "shop", "app"),
            Grant("list", "", "nodes"),
        )
        assert [await review.allowed(client, each) for each in asked] == [True, True, False]
