"""The page of the IAM policy: its statements, and what the policy that the other controller publishes allows beyond them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from docs.markdown import code, table

from albatross.catalog.permissions import Condition
from albatross.catalog.tracking import CLUSTER as TAG
from albatross.install.policy import ALWAYS, ASKED, USUAL, statements

PUBLISHED = Path(__file__).with_name("aws-load-balancer-controller-policy.json")
"""`docs/install/iam_policy.json` of kubernetes-sigs/aws-load-balancer-controller v3.5.0, unchanged."""
CLUSTER = "my-cluster"
NOT_CALLED: Mapping[str, str] = {
    "elasticloadbalancing:DescribeSSLPolicies": "nothing reads the list: AWS refuses an unknown name, and the refusal is reported",
}
"""Why no call of ours needs an action."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One action of the published policy, with its resources and condition."""

    action: str
    resources: tuple[str, ...]
    condition: Condition


def published() -> tuple[Grant, ...]:
    """Every grant of the published policy, in its order."""
    found: list[Grant] = []
    for each in json.loads(PUBLISHED.read_text())["Statement"]:
        resources = tuple(_several(each["Resource"]))
        found += [Grant(action, resources, each.get("Condition", {})) for action in _several(each["Action"])]
    return tuple(found)


def page() -> Iterator[str]:
    """permissions.md."""
    yield from (
        "# The IAM policy",
        "",
        "`albatross iam policy --cluster-name NAME` prints the policy. It is generated from the table of the calls that the",
        "code makes, and a test compares the table with the code. Another test removes one statement after the other: each time,",
        "exactly the calls of that statement fail.",
        "",
        f"A policy always has the features {_names(ALWAYS)}. Without `--features`, `-f FILE` or `--from-cluster` it also has",
        f"{_names(each for each in USUAL if each not in ALWAYS)}. Only on request:",
        f"{_names(ASKED)}.",
        "",
        f"*This cluster* is the value of the tag `{TAG}`: the name of the cluster.",
        "",
        f"## Statements, limited to the cluster `{CLUSTER}`",
        "",
    )
    yield from table(
        ("Statement", "Feature", "Actions", "Only if", "Why"),
        (
            (code(each.sid), each.feature, _names(each.actions), words(each.condition), each.why)
            for each in statements((*USUAL, *ASKED), CLUSTER)
        ),
    )
    yield from (
        "",
        "## What the policy of the AWS Load Balancer Controller allows, and this one does not",
        "",
        "The AWS Load Balancer Controller publishes",
        "[one policy for everybody](https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/docs/install/iam_policy.json).",
        "With it, the controller of one cluster can change the load balancers of every cluster in the account, and the listeners,",
        "rules, targets and security group rules of every application. Its other actions are the same in both policies.",
        "",
    )
    yield from table(("Actions", "Allowed there if", "Allowed here if"), wider())


def wider() -> Iterator[tuple[str, str, str]]:
    """The published grants that allow more than ours: actions, when there, when here."""
    found: dict[tuple[str, str], list[str]] = {}
    for (action, resources), grants in _by_action().items():
        on = " (listeners and rules)" if any(":listener" in each for each in resources) else ""
        if here := _here(action, resources, grants):
            free = any(not each.condition for each in grants)
            there = "always" if free else "; or if ".join(words(each.condition) for each in grants)
            found.setdefault((there, here), []).append(code(action) + on)
    for (there, here), actions in found.items():
        yield ", ".join(actions), there, here


def _by_action() -> Mapping[tuple[str, tuple[str, ...]], list[Grant]]:
    found: dict[tuple[str, tuple[str, ...]], list[Grant]] = {}
    for grant in published():
        found.setdefault((grant.action, grant.resources), []).append(grant)
    return found


def _here(action: str, resources: tuple[str, ...], grants: list[Grant]) -> str:
    """When our policy allows the action; empty if it allows no less than the published one."""
    every = [each for each in statements(USUAL, CLUSTER) if action in each.actions]
    if not every:
        return f"never: {NOT_CALLED[action]}"
    ours = [each for each in every if set(each.resources) == set(resources)] or every
    if {_plain(each.condition) for each in grants} <= {_plain(each.condition) for each in ours} and {each.feature for each in ours} <= {
        *ALWAYS
    }:
        return ""
    features = sorted({each.feature for each in ours} - {*ALWAYS})
    if features:
        return f"only with the feature {_names(features)}"
    return "; or if ".join(dict.fromkeys(words(each.condition) for each in ours))


def _plain(condition: Condition) -> str:
    """One text for equal conditions."""
    return json.dumps(
        {operator: {key: _several(value) for key, value in keys.items()} for operator, keys in condition.items()}, sort_keys=True
    )


def words(condition: Condition) -> str:
    """A condition in words."""
    return " and ".join(_term(operator, key, _several(value)) for operator, keys in condition.items() for key, value in keys.items())


def _term(operator: str, key: str, values: list[str]) -> str:
    listed = " or ".join(code(each) for each in values)
    match key.partition(":")[2], operator, values:
        case "CreateAction", _, _:
            return f"the tags are part of the call {listed}"
        case name, "Null", ["true"] if name.startswith("RequestTag/"):
            return "the call does not give a cluster tag"
        case name, "Null", _ if name.startswith("RequestTag/"):
            return "the call gives the tag of any cluster"
        case name, "Null", _ if name.startswith("ResourceTag/"):
            return "the resource has the tag of any cluster"
        case name, _, _ if name == f"RequestTag/{TAG}":
            return "the call gives the tag of this cluster"
        case name, _, _ if name == f"ResourceTag/{TAG}":
            return "the resource has the tag of this cluster"
        case name, _, _ if name.startswith("ResourceTag/"):
            return f"the resource has the tag `{name.removeprefix('ResourceTag/')}`, {listed}"
    return f"`{key}` is {listed}"


def _several(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _names(found: Iterable[str]) -> str:
    return ", ".join(code(each) for each in found)
