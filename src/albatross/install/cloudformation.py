"""Policies and roles as a CloudFormation template, in JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from albatross.install.policy import Document, Statement, document


def template(found: Sequence[Sequence[Statement]], name: str, trust: Document | None = None) -> Document:
    """One managed policy for each group of statements. With a trust policy, also the role. The reasons are in the metadata."""
    resources: dict[str, Any] = {}
    for number, statements in enumerate(found, 1):
        label, called = ("Policy", name) if len(found) == 1 else (f"Policy{number}", f"{name}-{number}")
        resources[label] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Metadata": {"Reasons": {statement.sid: statement.why for statement in statements}},
            "Properties": {"ManagedPolicyName": called, "PolicyDocument": document(statements)},
        }
    outputs: Mapping[str, Any] = {}
    if trust is not None:
        attached = [{"Ref": label} for label in resources]
        properties = {"RoleName": name, "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": attached}
        resources["Role"] = {"Type": "AWS::IAM::Role", "Properties": properties}
        outputs = {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, **({"Outputs": outputs} if outputs else {})}
