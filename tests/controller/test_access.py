"""Permissions in the cluster, asked for at start: what is required is waited for, what is optional switches a feature off."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests import account
from tests.clock import Virtual, until
from tests.kube.wire import Api

from albatross.catalog import rbac
from albatross.catalog.problems import message, remedy
from albatross.catalog.settings import Options
from albatross.checks.access import Rights, complaints
from albatross.checks.access import account as service_account
from albatross.controller import access
from albatross.controller.access import settled, used
from albatross.install.rbac import objects
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross.model.config import Config

CONFIG = Config(cluster_name="c")
OPTIONS = Options(leader_election_id="lb")


@pytest.fixture
async def limited(api: Api, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a ServiceAccount that only has the rules of core and leader election."""
    await account.made(api.client, "lb", ("core", "leader-election"))
    entry = load(await account.kubeconfig(api.client, "lb", tmp_path / "limited"), environ={})
    async with Client(replace(entry, server=api.access.server), clock=Virtual()) as client:
        yield client


async def test_an_administrator_lacks_nothing(api: Api) -> None:
    assert await access.ask(api.client, CONFIG, OPTIONS) == Rights("kubernetes-admin")


async def test_optional_rules_switch_features_off(limited: Client) -> None:
    rights = await settled(limited, CONFIG, OPTIONS)
    optional = {
        "events",
        "nodes",
        "class-params",
        "readiness-gates",
        "multi-cluster",
        "identity",
        "services",
        "last-state",
        "webhooks",
        "manage-crds",
    }
    assert rights.lacking == optional
    found = {problem.origin.object: problem for problem in complaints(rights)}
    assert list(found) == ["ServiceAccount/kube-system/lb"]
    words = [f"{message(each)}; {remedy(each)}" for each in complaints(rights)]
    (nodes,) = [each for each in words if "list, watch nodes" in each]
    assert "system:serviceaccount:kube-system:lb may not list, watch nodes; without it targets of type instance do not change" in nodes
    assert '- apiGroups: [""]\n  resources: ["nodes"]\n  verbs: ["list", "watch"]' in nodes
    assert sum("Services of type LoadBalancer get no load balancer" in each for each in words) == 2
    assert sum("the admission webhooks are neither served nor registered" in each for each in words) == 6
    assert sum("custom resource definitions are not created" in each for each in words) == 1
    (own,) = [each for each in words if "serviceaccounts" in each]
    assert "get serviceaccounts named lb" in own
    assert "the Role of the controller" in own
    assert 'resourceNames: ["lb"]' in own


async def test_a_missing_required_rule_is_waited_for(api: Api, limited: Client) -> None:
    everything = objects(account.NAMESPACE, "lb", account.USED, name="lb", lease="lb")
    role = everything[0]
    less = [
        {**rule, "verbs": [each for each in rule["verbs"] if (rule["resources"], each) != (["ingresses"], "watch")]}
        for rule in role["rules"]
    ]
    await account.grant(api.client, *everything, {**role, "rules": less})
    first = await access.ask(limited, CONFIG, OPTIONS)
    assert [(rule.resources, rule.verbs) for rule in first.needed] == [(("ingresses",), ("watch",))]
    (problem,) = complaints(first)
    assert (problem.code, "may not watch ingresses" in message(problem)) == ("LB710", True)
    assert '  resources: ["ingresses"]\n  verbs: ["watch"]' in remedy(problem)
    waiting = asyncio.create_task(settled(limited, CONFIG, OPTIONS))
    clock = limited.clock
    assert isinstance(clock, Virtual)
    await until(lambda: clock.sleeping)
    await account.grant(api.client, role)
    await clock.advance(access.AGAIN_SECONDS)
    assert not (await asyncio.wait_for(waiting, 10)).missing


async def test_only_the_watched_namespace_is_asked_for(api: Api, limited: Client) -> None:
    rights = await access.ask(limited, replace(CONFIG, watch_namespace="shop"), OPTIONS)
    assert not rights.needed


async def test_without_an_answer_everything_counts_as_allowed(api: Api) -> None:
    async with Client(replace(api.access, server="http://127.0.0.1:9"), clock=api.clock) as client:
        assert await access.ask(client, CONFIG, OPTIONS) == Rights("")


def test_the_features_of_the_options() -> None:
    assert "leader-election" not in used(Options(leader_election=False))
    assert used(OPTIONS) == rbac.FEATURES - {"secrets"}
    assert used(replace(OPTIONS, enable_webhooks=False)) == rbac.FEATURES - {"secrets", "webhooks"}
    assert used(replace(OPTIONS, webhook_certificates="files")) == rbac.FEATURES - {"secrets", "webhooks"}
    assert used(replace(OPTIONS, manage_crds=False)) == rbac.FEATURES - {"secrets", "manage-crds"}


def test_someone_without_a_service_account() -> None:
    rule = next(rule for rule in rbac.RULES if rule.feature == "events")
    (problem,) = complaints(Rights("", (rule,)))
    assert message(problem).startswith("the controller may not create, patch events")
    assert service_account("kubernetes-admin") is None
