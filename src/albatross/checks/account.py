"""Annotations of a ServiceAccount that should name its IAM role: keys that EKS does not read, and values that are not an ARN of a role."""

import re
from collections.abc import Iterator, Mapping

from albatross.catalog.identity import READ, ROLE, ROLE_ARN, Principal
from albatross.catalog.notes import Notes
from albatross.model.problem import Origin, Problem, Severity
from albatross.model.snapshot import ServiceAccount

KIND = "ServiceAccount"
NAME = "ROLE_ARN"
"""Written where the ARN of the role is not known."""
UNREPLACED = " is not replaced"

KNOWN = frozenset({"iam.amazonaws.com/role", "iam.amazonaws.com/role-arn"})
"""Annotations of kiam and kube2iam, which EKS does not read."""
DOMAIN = re.compile(r"(?:(?:eks|iam|sts)\.)?(?:amazon|amazonaws?|aws|aws\.amazon)\.com(?:\.cn)?")
PURPOSE = re.compile(r"(?:iam)?(?:role|policy)(?:arn|name)?")
TEMPLATE = re.compile(
    r"\{\{.*?\}\}|\$\{.*?\}|\$\(.*?\)|<[^<>]+>|\$[a-z_]+|\b(?:account|aws_account|account_id|your_account\w*)\b|x{4,}", re.IGNORECASE
)
"""A part of an ARN that a tool or a person should have replaced."""


def examine(accounts: Mapping[tuple[str, str], ServiceAccount]) -> tuple[Problem, ...]:
    """The problems of all these ServiceAccounts."""
    return tuple(problem for _, each in sorted(accounts.items()) for problem in annotated(each))


def annotated(account: ServiceAccount) -> tuple[Problem, ...]:
    """The problems of the annotations of one ServiceAccount."""
    meta, notes = account.metadata, Notes()
    where = Origin(KIND, *meta.key)
    command = f"kubectl annotate serviceaccount -n {meta.namespace} {meta.name} --overwrite"
    for key, value in sorted(meta.annotations.items()):
        at = where.at(f'metadata.annotations["{key}"]')
        if key == ROLE:
            for code, reason, role in _value(value):
                softly: Severity | None = "warning" if reason.endswith(UNREPLACED) else None
                notes.add(code, at, softly, value=value, command=command, reason=reason, role=role)
        elif alike(key):
            role = value.strip() if ROLE_ARN.fullmatch(value.strip()) else NAME
            notes.add("LB701", at, key=key, role=role, remove=f"{key}-", command=command)
    return tuple(notes.problems)


def alike(key: str) -> bool:
    """Whether a key looks like the annotation of a role, but EKS does not read it."""
    if key in READ:
        return False
    domain, slash, name = key.strip().lower().rpartition("/")
    if key.lower() in KNOWN:
        return True
    plain = re.sub(r"[^a-z]", "", name)
    if not slash:
        return plain in ("rolearn", "iamrolearn", "eksamazonawscomrolearn")
    return bool(DOMAIN.fullmatch(domain) and PURPOSE.fullmatch(plain))


def _value(value: str) -> Iterator[tuple[str, str, str]]:
    """The code and the reason why a value is not a role's ARN, and the ARN of the role if it is known; at most one."""
    plain = value.strip().strip("\"'").strip()
    if ROLE_ARN.fullmatch(value):
        return
    if ":policy/" in plain or plain.startswith("policy/"):
        yield "LB703", "", NAME
    elif found := TEMPLATE.search(value):
        yield "LB702", found[0] + UNREPLACED, NAME
    elif ROLE_ARN.fullmatch(plain):
        extra = "quotes" if any(mark in value for mark in "\"'") else "white space"
        yield "LB702", f"it has {extra} around the ARN", plain
    else:
        yield "LB702", "it is not the ARN of a role, such as arn:aws:iam::123456789012:role/NAME", NAME


def intended(account: ServiceAccount, identity: Principal) -> tuple[Problem, ...]:
    """The problems of an identity that is not the one of the ServiceAccount: another role, or the role of the node."""
    meta, notes = account.metadata, Notes()
    where, role = Origin(KIND, *meta.key), meta.annotations.get(ROLE, "")
    named, name = ROLE_ARN.fullmatch(role), f"{meta.namespace}/{meta.name}"
    if named and role.rpartition("/")[2] != identity.role:
        restart = f"kubectl rollout restart deployment -n {meta.namespace}"
        notes.add("LB704", where.at(f'metadata.annotations["{ROLE}"]'), role=role, restart=restart, identity=identity.words, account=name)
    elif identity.kind == "node":
        notes.add("LB705", where, identity=identity.words, account=name)
    return tuple(notes.problems)
