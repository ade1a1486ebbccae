"""Users, roles and their policies, read from where IAM's own API keeps them and remembered until IAM changes."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import orjson

from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.iam import evaluate
from albatross_sandbox.aws.iam.evaluate import Statement

_LOG = logging.getLogger(__name__)
VERSION = "2010-05-08"
_LOCAL = ("User", "Role", "Group", "LocalManagedPolicy")  # AWS's own policies are 1,500, and never change: they are read one by one


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or a role with all that its policies say; `boundary` None means it has none. `trust` is a role's."""

    arn: str
    name: str
    number: str
    statements: tuple[Statement, ...] = ()
    boundary: tuple[Statement, ...] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    trust: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Everyone:
    """All identities of an account by name."""

    users: Mapping[str, Identity]
    roles: Mapping[str, Identity]


class Directory:
    """The identities of one account."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._documents: dict[str, tuple[Statement, ...]] = {}

    async def role(self, name: str) -> Identity | None:
        """The role of that name."""
        return (await self._everyone()).roles.get(name)

    async def user(self, name: str) -> Identity | None:
        """The user of that name."""
        return (await self._everyone()).users.get(name)

    async def longest(self, role: str) -> int:
        """The longest session of a role, in seconds."""
        root = await self._cloud.query("iam", "GetRole", VERSION, RoleName=role)
        return int(root.findtext(".//{*}MaxSessionDuration") or 3600)

    async def audiences(self, provider: str) -> list[str] | None:
        """The client ids of an OpenID Connect provider; None where the account has no such provider."""
        try:
            root = await self._cloud.query("iam", "GetOpenIDConnectProvider", VERSION, OpenIDConnectProviderArn=provider)
        except Fault:
            return None
        return [each.text or "" for each in root.findall(".//{*}ClientIDList/{*}member")]

    async def link(self) -> None:
        """Make load balancing's service-linked role, as AWS does with the first load balancer."""
        try:
            await self._cloud.query("iam", "CreateServiceLinkedRole", VERSION, AWSServiceName="elasticloadbalancing.amazonaws.com")
        except Fault:  # another call has just made it
            pass
        self._cloud.forget("iam", "CreateServiceLinkedRole")

    async def _everyone(self) -> Everyone:
        return await self._cloud.remembered("identities", self._read)

    async def _read(self) -> Everyone:
        form = {f"Filter.member.{number}": kind for number, kind in enumerate(_LOCAL, 1)}
        root = await self._cloud.query("iam", "GetAccountAuthorizationDetails", VERSION, **form)
        policies = {_text(each, "Arn"): _default(each) for each in root.findall(".//{*}Policies/{*}member")}
        for each in root.findall(".//{*}PolicyArn") + root.findall(".//{*}PermissionsBoundaryArn"):
            if each.text and each.text not in policies:
                policies[each.text] = await self._amazon(each.text)
        groups = {
            _text(each, "GroupName"): _statements(each, "GroupPolicyList", policies)
            for each in root.findall(".//{*}GroupDetailList/{*}member")
        }
        users = [_user(each, policies, groups) for each in root.findall(".//{*}UserDetailList/{*}member")]
        roles = [_role(each, policies) for each in root.findall(".//{*}RoleDetailList/{*}member")]
        return Everyone({each.name: each for each in users}, {each.name: each for each in roles})

    async def _amazon(self, arn: str) -> tuple[Statement, ...]:
        """The statements of a policy of AWS's own."""
        if arn not in self._documents:
            policy = await self._cloud.query("iam", "GetPolicy", VERSION, PolicyArn=arn)
            version = policy.findtext(".//{*}DefaultVersionId") or "v1"
            found = await self._cloud.query("iam", "GetPolicyVersion", VERSION, PolicyArn=arn, VersionId=version)
            self._documents[arn] = parsed(found.findtext(".//{*}Document") or "", arn.rpartition("/")[2])
        return self._documents[arn]


Policies = Mapping[str, tuple[Statement, ...]]


def _default(policy: Element) -> tuple[Statement, ...]:
    for version in policy.findall(".//{*}PolicyVersionList/{*}member"):
        if _text(version, "IsDefaultVersion") == "true":
            return parsed(_text(version, "Document"), _text(policy, "PolicyName"))
    return ()


def _statements(holder: Element, inline: str, policies: Policies) -> tuple[Statement, ...]:
    """What the inline and the attached policies of a user, group or role say."""
    own = [parsed(_text(each, "PolicyDocument"), _text(each, "PolicyName")) for each in holder.findall(f"{{*}}{inline}/{{*}}member")]
    attached = [policies.get(_text(each, "PolicyArn"), ()) for each in holder.findall("{*}AttachedManagedPolicies/{*}member")]
    return tuple(statement for policy in (*own, *attached) for statement in policy)


def _identity(holder: Element, kind: str, statements: tuple[Statement, ...], policies: Policies) -> Identity:
    boundary = holder.findtext("{*}PermissionsBoundary/{*}PermissionsBoundaryArn")
    return Identity(
        _text(holder, "Arn"),
        _text(holder, f"{kind}Name"),
        _text(holder, f"{kind}Id"),
        statements,
        policies.get(boundary, ()) if boundary else None,
        {_text(each, "Key"): _text(each, "Value") for each in holder.findall("{*}Tags/{*}member")},
        parsed(_text(holder, "AssumeRolePolicyDocument"), "trust"),
    )


def _user(holder: Element, policies: Policies, groups: Policies) -> Identity:
    of_groups = [groups.get(each.text or "", ()) for each in holder.findall("{*}GroupList/{*}member")]
    own = _statements(holder, "UserPolicyList", policies)
    return _identity(holder, "User", (*own, *(statement for group in of_groups for statement in group)), policies)


def _role(holder: Element, policies: Policies) -> Identity:
    return _identity(holder, "Role", _statements(holder, "RolePolicyList", policies), policies)


@lru_cache(1024)
def parsed(document: str, name: str) -> tuple[Statement, ...]:
    """The statements of a document as IAM tells it; none where it is no policy, which the log says."""
    try:
        found = orjson.loads(unquote(document) or "{}")
        return evaluate.read(found, name) if isinstance(found, dict) else ()
    except ValueError as error:
        _LOG.warning("policy %s allows nothing: %s", name, error)
        return ()


def _text(element: Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""
