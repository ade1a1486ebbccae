"""Trust policies: whom a role lets in, and on which conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from albatross_sandbox.aws.iam import condition, evaluate
from albatross_sandbox.aws.iam.caller import Caller
from albatross_sandbox.aws.iam.directory import Identity
from albatross_sandbox.aws.iam.evaluate import Allowed, Request, Statement, Verdict
from albatross_sandbox.aws.iam.pattern import Context


@dataclass(frozen=True, slots=True)
class Names:
    """What a Principal element may call somebody, by its kinds: AWS, Service, Federated.

    `account` are names of the account as a whole: whom they let in needs a policy of its own beside.
    """

    kind: str
    direct: frozenset[str]
    account: frozenset[str] = frozenset()


def caller(who: Caller) -> Names:
    """An identity of AWS."""
    root = f"{who.arn.partition(':')[0]}:{who.arn.split(':')[1]}:iam::{who.account}:root"
    return Names("AWS", frozenset((who.arn, who.identity, "*")), frozenset((who.account, root)))


def service(name: str) -> Names:
    """A service of AWS: `pods.eks.amazonaws.com`."""
    return Names("Service", frozenset((name,)))


def provider(arn: str) -> Names:
    """Whoever an identity provider vouches for."""
    return Names("Federated", frozenset((arn,)))


def verdict(role: Identity, names: frozenset[str], kind: str, action: str, context: Context) -> Verdict:
    """What a role's trust policy says to those names."""
    spoken = [each for each in role.trust if _speaks(each, kind, names)]
    return evaluate.evaluate(spoken, Request(action, (role.arn,), context))


def admits(role: Identity, names: Names, action: str, context: Context) -> tuple[Verdict, bool]:
    """What the trust policy says, and whether it lets them in by their own name rather than their account's."""
    found = verdict(role, names.direct | names.account, names.kind, action, context)
    direct = verdict(role, names.direct, names.kind, action, context)
    return found, isinstance(direct, Allowed)


def _speaks(statement: Statement, kind: str, names: frozenset[str]) -> bool:
    principal: Any = statement.principal
    if principal == "*":
        return True
    held = principal.get(kind) if isinstance(principal, Mapping) else None
    return held is not None and bool(names & set(condition.texts(held)))
