"""Policies and roles as Terraform configuration, in the format of `terraform fmt`."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from albatross.install.policy import Document, Statement

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def policies(found: Sequence[Sequence[Statement]], name: str) -> str:
    """One managed policy for each group of statements; every statement has its reason as a comment."""
    blocks = []
    for number, statements in enumerate(found, 1):
        label, called = ("controller", name) if len(found) == 1 else (f"controller_{number}", f"{name}-{number}")
        lines = [
            f'resource "aws_iam_policy" "{label}" {{',
            f"  name = {_text(called)}",
            "  policy = jsonencode({",
            '    Version = "2012-10-17"',
            "    Statement = [",
            *_statements(statements),
            "    ]",
            "  })",
            "}",
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def role(trust: Document, name: str, count: int) -> str:
    """The role with its trust policy, and an attachment for each of the `count` policies."""
    lines = [
        'resource "aws_iam_role" "controller" {',
        f"  name = {_text(name)}",
        f"  assume_role_policy = jsonencode({expression(trust, '  ')})",
        "}",
    ]
    labels = ["controller"] if count == 1 else [f"controller_{number}" for number in range(1, count + 1)]
    for label in labels:
        lines += [
            "",
            f'resource "aws_iam_role_policy_attachment" "{label}" {{',
            "  role       = aws_iam_role.controller.name",
            f"  policy_arn = aws_iam_policy.{label}.arn",
            "}",
        ]
    return "\n".join(lines) + "\n"


def association(cluster: str, namespace: str, account: str) -> str:
    """The association that gives the role to the ServiceAccount with EKS Pod Identity."""
    lines = [
        'resource "aws_eks_pod_identity_association" "controller" {',
        f"  cluster_name    = {_text(cluster)}",
        f"  namespace       = {_text(namespace)}",
        f"  service_account = {_text(account)}",
        "  role_arn        = aws_iam_role.controller.arn",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _statements(found: Iterable[Statement]) -> Iterator[str]:
    for statement in found:
        yield f"      # {statement.why}"
        yield f"      {expression(statement.json, '      ')},"


def expression(value: Any, indent: str) -> str:
    """A value in HCL. All lines after the first are indented."""
    inner = indent + "  "
    match value:
        case Mapping() if not value:
            return "{}"
        case Mapping():
            keys = {key: key if _NAME.fullmatch(key) else _text(key) for key in value}
            widths = _widths(value, keys)
            rows = [f"{inner}{keys[key]:<{widths[key]}} = {expression(each, inner)}" for key, each in value.items()]
            return "\n".join(["{", *rows, indent + "}"])
        case list():
            if len(value) == 1 and not isinstance(value[0], Mapping):
                return f"[{expression(value[0], indent)}]"
            return "\n".join(["[", *(f"{inner}{expression(each, inner)}," for each in value), indent + "]"])
        case _:
            return _text(str(value))


def _widths(value: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, int]:
    """`terraform fmt` aligns the equals signs of adjacent lines; a value of several lines ends such a block."""
    found: dict[str, int] = {}
    run: list[str] = []
    for key, each in value.items():
        run.append(key)
        if (isinstance(each, Mapping) and each) or (isinstance(each, list) and (len(each) != 1 or isinstance(each[0], Mapping))):
            found |= dict.fromkeys(run[:-1], max((len(keys[name]) for name in run[:-1]), default=0))
            found[key] = len(keys[key])
            run = []
    return found | dict.fromkeys(run, max((len(keys[name]) for name in run), default=0))


def _text(value: str) -> str:
    """A quoted string. `${` and `%{` are escaped, because they start a template."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
