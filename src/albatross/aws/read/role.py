"""The policies of an IAM role, as documents."""

import asyncio
import json
from typing import Any
from urllib.parse import unquote

from albatross.aws.session.client import Session

Document = dict[str, Any]


async def policies(session: Session, role: str) -> tuple[Document, ...]:
    """Every policy of the role: first the attached policies, then the inline policies. Errors: NotFound, Denied.

    A permissions boundary and the policies of the organisation are not included: they can only deny more.
    """
    attached, inline = await asyncio.gather(
        session.pages("iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=role),
        session.pages("iam", "ListRolePolicies", "PolicyNames", RoleName=role),
    )
    managed = (_managed(session, each["PolicyArn"]) for each in attached)
    own = (_own(session, role, str(name)) for name in inline)
    return tuple(await asyncio.gather(*managed, *own))


async def _managed(session: Session, arn: str) -> Document:
    found = await session.call("iam", "GetPolicy", PolicyArn=arn)
    version = await session.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=found["Policy"]["DefaultVersionId"])
    return document(version["PolicyVersion"]["Document"])


async def _own(session: Session, role: str, name: str) -> Document:
    found = await session.call("iam", "GetRolePolicy", RoleName=role, PolicyName=name)
    return document(found["PolicyDocument"])


def document(found: Any) -> Document:
    """A document in an answer of IAM: botocore decodes the document if it can; otherwise it is URL-encoded JSON."""
    read: Document = json.loads(unquote(found)) if isinstance(found, str) else found
    return read
