"""The text with which AWS denies a call → what it says, and what to change where.

IAM User Guide, "Troubleshoot access denied error messages": the text names the policy type that denies the call. EC2 puts a sentence before
it and an encoded message after it. Calls of another account get the text without a reason.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from albatross.catalog.permissions import PERMISSIONS, CallPermission, needed

CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedForDependencyException",
        "NotAuthorized",
        "NotAuthorizedException",
        "UnauthorizedOperation",
    }
)
"""The codes of AWS that concern a permission."""
MISSING, FORBIDDEN, CAPPED, UNTRUSTED = "LB511", "LB720", "LB721", "LB722"
PROBLEMS = frozenset({MISSING, FORBIDDEN, CAPPED, UNTRUSTED})
"""The problems of denied calls."""
FIRST_SECONDS, AGAIN_SECONDS = 1.0, 20.0
"""The controller retries a denied call after the first time, then after twice that, and so on up to the second time (chosen by us: IAM
needs some seconds to apply a change everywhere, and everything must be in place 30 s later)."""

IDENTITY = "identity-based policy"
_TRUST = ("", "resource-based policy", "role trust policy")
_POLICIES = (
    IDENTITY,
    "permissions boundary",
    "resource control policy",
    "resource-based policy",
    "role trust policy",
    "service control policy",
    "session policy",
    "VPC endpoint policy",
)
_SAID = re.compile(r"User: (?P<identity>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>[^\s,]+))?")
_NAMES = "|".join(_POLICIES)
_WHY = re.compile(
    rf"(?:because no (?P<lacks>{_NAMES}) allows|with (?P<explicit>an explicit deny)(?: in (?:an?|the) (?P<denies>{_NAMES}))?)"
    r"(?::? (?P<arn>arn:[^\s,]*[^\s,.]))?"
)
_OWNERS: Mapping[str, str] = {
    IDENTITY: "a policy of {holder}",
    "permissions boundary": "the permissions boundary of {holder}",
    "resource control policy": "a resource control policy of the organization (an administrator of its management account changes it)",
    "resource-based policy": "the policy of the resource itself",
    "role trust policy": "the trust policy of the role",
    "service control policy": "a service control policy of the organization (an administrator of its management account changes it)",
    "session policy": "the session policy, which is given with the credentials",
    "VPC endpoint policy": "the policy of the VPC endpoint for the service",
    "": "a policy that applies to {holder} (its own, a permissions boundary, or one of the organization)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """The parts of the text; a part that AWS does not tell is empty. `policy` is the type of the policy that denies, `arn` is its ARN."""

    identity: str = ""
    action: str = ""
    resource: str = ""
    policy: str = ""
    arn: str = ""
    explicit: bool = False

    @property
    def role(self) -> str:
        """The name of the role, if the identity is a session of a role."""
        kind, _, rest = self.identity.rpartition(":")[2].partition("/")
        return rest.partition("/")[0] if kind == "assumed-role" else ""

    @property
    def problem(self) -> str:
        """The code of the problem: each has another fix."""
        if self.action == "sts:AssumeRole" and self.policy in _TRUST:
            return UNTRUSTED
        if self.explicit:
            return FORBIDDEN
        return MISSING if self.policy in ("", IDENTITY) else CAPPED


def read(text: str) -> Denial:
    """The parts of a text; all empty for a text without them."""
    said = _SAID.search(text)
    if said is None:
        return Denial()
    why = _WHY.search(text, said.end())
    found = why.groupdict(default="") if why else {}
    return Denial(
        identity=said["identity"],
        action=said["action"],
        resource=(said["resource"] or "").rstrip("."),
        policy=found.get("lacks") or found.get("denies", ""),
        arn=found.get("arn", ""),
        explicit=bool(found.get("explicit")),
    )


def rows(denial: Denial, service: str, operation: str) -> tuple[CallPermission, ...]:
    """The rows of the permission table, each of which allows the denied action for a call of ours."""
    named = tuple(row for row in PERMISSIONS if row.action.lower() == denial.action.lower()) or needed(service, operation)
    found = tuple(row for row in named if not denial.resource or _reaches(row, denial.resource)) or named
    created = tuple(row for row in found if operation in _creations(row))
    return created or tuple(row for row in found if not _creations(row)) or found


def _reaches(row: CallPermission, resource: str) -> bool:
    return any(fnmatchcase(resource, pattern.format(partition="*")) for pattern in row.resources)


def _creations(row: CallPermission) -> tuple[str, ...]:
    """The operations that a statement about tags at creation is limited to."""
    values = [value for keys in row.condition.values() for key, value in keys.items() if key.endswith(":CreateAction")]
    return tuple(name for value in values for name in ([value] if isinstance(value, str) else value))


def words(text: str, service: str, operation: str, cluster: str) -> Mapping[str, str]:
    """The arguments of the four problems, for the call that AWS denied with this text."""
    denial = read(text)
    found = rows(denial, service, operation)
    actions = " and ".join(dict.fromkeys(row.action for row in found)) or f"{service}:{operation}"
    holder = f"role {denial.role}" if denial.role else denial.identity or "the identity of the controller"
    owner = _OWNERS[denial.policy].format(holder=holder) + (f", {denial.arn}" if denial.arn else "")
    return {
        "identity": denial.identity or "the identity of the controller",
        "action": denial.action or actions,
        "resource": denial.resource or "this resource",
        "holder": holder,
        "owner": owner,
        "statements": _statements(found, actions),
        "commands": _commands(denial, found, cluster),
        "account": denial.resource.split(":")[4] if denial.resource.count(":") > 4 else "",
        "decode": _decode(text),
    }


def _statements(found: tuple[CallPermission, ...], actions: str) -> str:
    sids = " or ".join(dict.fromkeys(row.sid for row in found))
    return f"the statement {sids}" if sids else f"a statement that allows {actions}"


def _commands(denial: Denial, found: tuple[CallPermission, ...], cluster: str) -> str:
    features = ",".join(dict.fromkeys(row.feature for row in found if not row.required))
    given = f"--cluster-name {cluster or 'NAME'}" + (f" --features {features}" if features else "")
    compare = f"; `albatross iam diff {denial.role} {given}` lists everything that is missing" if denial.role else ""
    return f"`albatross iam policy {given}` prints it{compare}"


def _decode(text: str) -> str:
    if "ncoded authorization failure message" not in text:
        return ""
    return "; `aws sts decode-authorization-message` shows which statement, from the encoded message in the controller's log"
