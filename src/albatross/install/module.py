"""The parts of the Terraform module of the role that repeat the catalog: the statements of the policy and the trust policies.

A statement depends on variables of the module, so a placeholder is in each place of a value that the module inserts.
"""

import re
from collections.abc import Iterator

from albatross.catalog import tracking
from albatross.install.policy import ALWAYS, FEATURES, USUAL, Statement, listed, split
from albatross.install.terraform import expression
from albatross.install.trust import Account, irsa, pod_identity

NOTE = "# Written by `make docs` from the catalog; edits are lost."
CLUSTER = "<cluster>"
PARTITION = "<partition>"
LONGEST = "c" * 100
"""A cluster name of the maximum length: Amazon EKS API Reference, CreateCluster."""
BALANCER = "LoadBalancer"
FRONTEND = "FrontendNlb"
"""The resource ids of the load balancer of a stack of Ingresses, and of the one in front of it."""

_PROVIDER = "<provider>:oidc-provider/<issuer>"
_INSERTED = {
    _PROVIDER: "${var.oidc_provider_arn}",
    "<issuer>": "${local.issuer}",
    CLUSTER: "${var.cluster_name}",
    PARTITION: "${local.partition}",
    "<cluster arn>": "${var.cluster_arn}",
    "<namespace>": "${var.namespace}",
    "<account>": "${var.service_account}",
}
"""The references of the module, by placeholder; a placeholder comes before those that are a part of it."""
_ALONE = re.compile(r'= "\$\{([a-z_.]+)\}"$', re.MULTILINE)
"""A string that is only a reference. It needs no quotes."""


def policy_file() -> str:
    """policy.tf: the features as a variable, and the statements of each as local values."""
    lines = [NOTE, "", *_features(), "", "locals {"]
    lines += ["  # A key is the number of the policy that has the statements: one policy would be too long.", "  policies = {"]
    for number, sids in enumerate(groups(), 1):
        lines += [f'    "{number}" = [', *(line for sid in sids for line in _entry(sid)), "    ]"]
    return _inserted([*lines, "  }", "}"])


def trust_file() -> str:
    """trust.tf: who can use the role, for each way."""
    account = Account(namespace="<namespace>", name="<account>")
    ways = {
        "irsa": irsa(_PROVIDER, account),
        "pod-identity": pod_identity("", account),
        "pod-identity-of-one-cluster": pod_identity("<cluster arn>", account),
    }
    return _inserted([NOTE, "", "locals {", f"  trust = {expression(ways, '  ')}", "}"])


def tag_file() -> str:
    """tags.tf of the module that finds a load balancer: the tags that the controller gives it."""
    tags = {
        "cluster": tracking.CLUSTER,
        "stack": f"{tracking.INGRESS}/stack",
        "resource": f"{tracking.INGRESS}/resource",
    }
    lines = [f"  tag = {expression(tags, '  ')}", "  # The value of the tag `resource` of each load balancer of a stack."]
    lines += [f'  balancer = "{BALANCER}"', f'  frontend = "{FRONTEND}"']
    return _inserted([NOTE, "", "locals {", *lines, "}"])


def groups() -> tuple[tuple[str, ...], ...]:
    """The names of all statements, a group for each policy. No cluster name makes a policy too long."""
    found = listed(FEATURES, LONGEST, "cluster", "aws-us-gov")
    return tuple(tuple(each.sid for each in part) for part in split(found))


def _features() -> Iterator[str]:
    quoted = [f'"{each}"' for each in FEATURES]
    names = ", ".join(FEATURES)
    yield from (
        'variable "features" {',
        f'  description = "The features that the policy allows; {" and ".join(ALWAYS)} are always included. All: {names}."',
        "  type        = set(string)",
        f"  default = {expression([each for each in USUAL if each not in ALWAYS], '  ')}",
        "  validation {",
        f"    condition     = length(setsubtract(var.features, [{', '.join(quoted)}])) == 0",
        f'    error_message = "The features are {names}."',
        "  }",
        "}",
    )


def _entry(sid: str) -> Iterator[str]:
    narrow, wide = (_statement(sid, scope) for scope in ("cluster", "account"))
    body = {key: value for key, value in narrow.json.items() if key != "Condition"}
    conditions = {"cluster": narrow.json.get("Condition", {}), "account": wide.json.get("Condition", {})}
    yield f"      # {narrow.why}"
    yield f"      {expression({'feature': narrow.feature, 'statement': body, 'condition': conditions}, '      ')},"


def _statement(sid: str, scope: str) -> Statement:
    return next(each for each in listed(FEATURES, CLUSTER, "cluster" if scope == "cluster" else "account", PARTITION) if each.sid == sid)


def _inserted(lines: list[str]) -> str:
    text = "\n".join(lines) + "\n"
    for placeholder, reference in _INSERTED.items():
        text = text.replace(placeholder, reference)
    return _ALONE.sub(r"= \1", text)
