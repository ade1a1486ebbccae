"""Who calls AWS: the kinds of identities, how to recognize one, and the annotation of the ServiceAccount that names a role."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["irsa", "pod-identity", "node", "static", "profile", "container", "other"]
"""The source of the credentials."""

WORDS: Mapping[Kind, str] = {
    "irsa": "IRSA: the role in the annotation of the ServiceAccount",
    "pod-identity": "EKS Pod Identity: the role of the association of the ServiceAccount",
    "node": "the role of the node, from instance metadata",
    "static": "access keys from the environment",
    "profile": "a profile of the AWS configuration (keys, SSO, process or role)",
    "container": "a container endpoint that is not EKS Pod Identity",
    "other": "an unknown source",
}
"""Each kind in words."""

ROLE = "eks.amazonaws.com/role-arn"
"""The only annotation that the webhook of EKS reads to find the role: https://github.com/aws/amazon-eks-pod-identity-webhook."""
READ = frozenset({ROLE, "eks.amazonaws.com/audience", "eks.amazonaws.com/sts-regional-endpoints", "eks.amazonaws.com/token-expiration"})
"""Every annotation of a ServiceAccount that the webhook of EKS reads."""

AGENTS = ("http://169.254.170.23/", "http://[fd00:ec2::23]/")
"""The addresses of the EKS Pod Identity agent."""
METHODS: Mapping[str, Kind] = {
    "assume-role-with-web-identity": "irsa",
    "container-role": "container",
    "iam-role": "node",
    "env": "static",
    "explicit": "static",
    "shared-credentials-file": "profile",
    "config-file": "profile",
    "custom-process": "profile",
    "sso": "profile",
    "login": "profile",
    "assume-role": "profile",
}
"""Kinds by the name that botocore gives to the provider of the credentials (botocore.credentials, `METHOD` and `CANONICAL_NAME`)."""

ANNOTATION = "albatross.dev/identity"
"""The annotation of the leader election Lease with the identity of the leader, so that `albatross status` can show it without AWS."""

LABELS = {"app.kubernetes.io/name": "albatross"}
"""The labels of the Lease, so that `albatross status` finds it whatever --leader-election-id is."""
SELECTOR = ",".join(f"{name}={text}" for name, text in LABELS.items())
"""The same as a label selector."""

INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
ASSUMED = re.compile(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/(.+)")
ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller of AWS, as STS names it."""

    kind: Kind
    arn: str
    account: str

    @property
    def role(self) -> str:
        """The name of its role without a path; empty if it is not a session of a role."""
        found = ASSUMED.fullmatch(self.arn)
        return found.group(3) if found else ""

    @property
    def words(self) -> str:
        """`arn:… (IRSA: …)`."""
        return f"{self.arn} ({WORDS[self.kind]})"


def classify(arn: str, account: str, method: str, environ: Mapping[str, str]) -> Principal:
    """The identity with this ARN. `method` is botocore's name of the credentials' provider; `environ` the process's variables.

    EKS names sessions of Pod Identity `eks-CLUSTER-POD-UUID`, and EC2 names those of nodes by the instance's id.
    """
    found = METHODS.get(method, "other")
    session = ASSUMED.fullmatch(arn)
    name = session.group(4) if session else ""
    agent = environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
    if found == "container" and (agent.startswith(AGENTS) or name.startswith("eks-")):
        found = "pod-identity"
    if found == "other" and INSTANCE.fullmatch(name):
        found = "node"
    return Principal(kind=found, arn=arn, account=account)


def written(found: Principal, holder: str) -> str:
    """The value of the annotation; `holder` is the leader in the Lease."""
    return json.dumps({"holder": holder, "kind": found.kind, "arn": found.arn, "account": found.account})


def leader(lease: Mapping[str, Any]) -> Principal | None:
    """The identity of the leader in a Lease. None if nobody holds it, or if its holder did not write the annotation."""
    text = (lease["metadata"].get("annotations") or {}).get(ANNOTATION)
    holder = (lease.get("spec") or {}).get("holderIdentity")
    try:
        found = json.loads(text or "{}")
        kind, arn, account = found["kind"], str(found["arn"]), str(found["account"])
    except (ValueError, KeyError, TypeError):
        return None
    return Principal(kind=kind, arn=arn, account=account) if kind in WORDS and holder and found.get("holder") == holder else None
