"""The trust policy of the role against the ServiceAccount and the issuer of the cluster, as a diff."""

import difflib
import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.controllers import main
from albatross.diagnose.evidence import Evidence, Origin
from albatross.diagnose.identity import annotation
from albatross.install import trust
from albatross.install.policy import Document
from albatross.install.trust import Account

WEB = "sts:AssumeRoleWithWebIdentity"
PODS = "pods.eks.amazonaws.com"
EQUAL, LIKE = "StringEquals", "StringLike"


def issuer(evidence: Evidence) -> str:
    """The issuer of the tokens of the cluster without `https://`; empty if it is not known."""
    found = ((evidence.aws.cluster.get("identity") or {}).get("oidc") or {}).get("issuer") or ""
    return str(found).partition("://")[2]


def provider(evidence: Evidence) -> Iterator[Cause]:
    """No OIDC provider in IAM for the issuer; only IRSA needs it."""
    wanted = issuer(evidence)
    if wanted and annotation(evidence) and not _provider(evidence):
        command = f"aws iam create-open-id-connect-provider --url https://{wanted} --client-id-list {trust.AUDIENCE}"
        yield cause("LB641", Origin("Cluster", "", evidence.config.cluster_name), command, issuer=f"https://{wanted}", command=command)


def _provider(evidence: Evidence) -> str:
    """The ARN of the provider of this cluster; empty if there is none."""
    return next((arn for arn in evidence.aws.providers if arn.partition(":oidc-provider/")[2] == issuer(evidence)), "")


def remark(evidence: Evidence) -> str:
    """The issuer."""
    return f"issuer {issuer(evidence)}" if issuer(evidence) else ""


def check(evidence: Evidence) -> Iterator[Cause]:
    """A role that does not exist, or that does not trust the ServiceAccount."""
    found, role = main(evidence), evidence.aws.role
    if found is None or role is None:
        return
    account = Account(namespace=found.account[0], name=found.account[1])
    at, by = Origin("Role", "", role.name), "the annotation" if annotation(evidence) else "the EKS Pod Identity association"
    if not role.arn:
        cluster = evidence.config.cluster_name
        command = f"albatross iam role --cluster-name {cluster} --output terraform"
        yield cause("LB643", at, command, role=role.name, by=by, cluster=cluster)
        return
    wanted = _wanted(evidence, account)
    reasons = [_reason(each, wanted["Statement"][0]) for each in _statements(role.trust)]
    if not any(reason == "" for reason in reasons):
        command = f"aws iam update-assume-role-policy --role-name {role.name} --policy-document '{json.dumps(wanted)}'"
        reason = min(reasons, key=len, default="") or "it has no statement"
        words = {"role": role.name, "account": account.subject, "reason": reason}
        yield cause("LB642", at.at("AssumeRolePolicyDocument"), command, diff=diff(role.trust, wanted), **words)


def _wanted(evidence: Evidence, account: Account) -> Document:
    if annotation(evidence):
        number = annotation(evidence).split(":")[4] if annotation(evidence).count(":") > 4 else "ACCOUNT"
        return trust.irsa(_provider(evidence) or f"arn:aws:iam::{number}:oidc-provider/{issuer(evidence)}", account)
    return trust.pod_identity(str(evidence.aws.cluster.get("arn") or ""), account)


def _statements(document: Document) -> list[Mapping[str, Any]]:
    found = document.get("Statement") or []
    return [found] if isinstance(found, dict) else list(found)


def _reason(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Why a statement does not let the ServiceAccount in; empty if it does."""
    if given.get("Effect") != "Allow" or not _acts(given, wanted["Action"][0]):
        return f"no statement allows {wanted['Action'][0]}"
    ((kind, who),) = wanted["Principal"].items()
    principals = given.get("Principal") or {}
    if principals != "*" and who not in _texts(principals.get(kind)):
        return f"it trusts {json.dumps(principals)}, and not {kind} {who}"
    return _condition(given.get("Condition") or {}, wanted["Condition"][EQUAL])


def _acts(given: Mapping[str, Any], action: str) -> bool:
    return any(fnmatchcase(action.lower(), each.lower()) for each in _texts(given.get("Action")))


def _condition(given: Mapping[str, Mapping[str, Any]], token: Mapping[str, str]) -> str:
    """The first condition that the token does not meet. Keys that the token does not have are not judged."""
    for operator, keys in given.items():
        for name, value in keys.items():
            has = token.get(name)
            other = name.endswith((":sub", ":aud")) and has is None
            if other:
                return f"its condition is about {name}, which is the issuer of another cluster"
            if has is not None and operator in (EQUAL, LIKE) and not any(_fits(has, each, operator) for each in _texts(value)):
                return f"{name} must be {', '.join(_texts(value))}, and the token has {has}"
    return ""


def _fits(has: str, wanted: str, operator: str) -> bool:
    return has == wanted or (operator == LIKE and fnmatchcase(has, wanted))


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)] if value else []


def diff(given: Document, wanted: Document) -> str:
    """The difference of two documents, line by line."""
    old, new = (json.dumps(each, indent=2, sort_keys=True).splitlines() for each in (given, wanted))
    return "\n".join(difflib.unified_diff(old, new, "trust policy", "trust policy that is needed", lineterm=""))
