"""The role of the controller in a sandbox: policies and trust as `albatross iam role` prints them, credentials by EKS Pod Identity.

A flow that calls more than the generated policy allows fails, as it would in AWS.
"""

from __future__ import annotations

import contextlib
import io
import json
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session

from albatross.catalog.permissions import Feature
from albatross.cli import main
from albatross.install.policy import USUAL

NAMESPACE = "kube-system"
AUDIENCE = "pods.eks.amazonaws.com"
SECONDS = 24 * 3600
"""EKS gives the tokens for Pod Identity a day."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A sandbox's account: the endpoint of AWS, and the address of the Pod Identity agent."""

    endpoint: str
    agent: str
    cluster: str = "sandbox"
    region: str = "ap-northeast-2"

    def client(self, service: str, key: str = "sandbox") -> Any:
        """A client of the administrator, whom no policy limits; the key is the number of another account, for its administrator."""
        return _client(service, self.endpoint, self.region, key)

    def token(self, service_account: str) -> str:
        """A token of a ServiceAccount, as EKS mounts it into pods."""
        body = {"namespace": NAMESPACE, "service_account": service_account, "audience": AUDIENCE, "seconds": SECONDS, "pod": "albatross-0"}
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/token", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.load(answer)["token"])


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def _client(service: str, endpoint: str, region: str, key: str) -> Any:
    """To make a client takes longer than its calls. One that was closed opens new connections."""
    keys = {"aws_access_key_id": key, "aws_secret_access_key": "sandbox"}
    return _session().create_client(service, endpoint_url=endpoint, region_name=region, **keys)


def prescribed(cluster: str, service_account: str, features: Iterable[Feature] = USUAL) -> Document:
    """What `albatross iam role` prints: `trust`, and the `policies`."""
    out = io.StringIO()
    named = ("--features", ",".join(features), "--service-account", f"{NAMESPACE}/{service_account}")
    with contextlib.redirect_stdout(out):
        assert main(["iam", "role", "--cluster-name", cluster, *named, "-o", "json"]) == 0
    found: Document = json.loads(out.getvalue())
    return found


@dataclass
class Role:
    """A role in IAM with its policies, and the association of its ServiceAccount, which has the role's name."""

    place: Place
    name: str
    arn: str
    documents: list[Document]
    policies: list[str]
    held: list[Document] = field(default_factory=list)

    @classmethod
    def made(cls, place: Place, name: str, *more: Feature) -> Role:
        """A new role for the features that a controller with default settings can use, and for more."""
        found = prescribed(place.cluster, name, (*USUAL, *more))
        with _closing(place.client("iam"), place.client("eks")) as (iam, eks):
            arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(found["trust"]))["Role"]["Arn"])
            policies = []
            for number, each in enumerate(found["policies"], 1):
                made = iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=json.dumps(each))["Policy"]["Arn"]
                iam.attach_role_policy(RoleName=name, PolicyArn=made)
                policies.append(str(made))
            eks.create_pod_identity_association(clusterName=place.cluster, namespace=NAMESPACE, serviceAccount=name, roleArn=arn)
        return cls(place, name, arn, found["policies"], policies)

    def hold(self, documents: list[Document]) -> None:
        """Replace the policies, one document each."""
        with _closing(self.place.client("iam")) as (iam,):
            for arn, each, before in zip(self.policies, documents, self.held or self.documents, strict=True):
                if each == before:
                    continue
                iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(each), SetAsDefault=True)
                for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
                    if not version["IsDefaultVersion"]:
                        iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        self.held = documents

    def without(self, *sids: str) -> None:
        """Take statements away."""
        self.hold([{**each, "Statement": [row for row in each["Statement"] if row["Sid"] not in sids]} for each in self.documents])

    def lacking(self, action: str) -> None:
        """Take one action out of every statement."""
        self.hold([{**each, "Statement": list(_less(each["Statement"], action))} for each in self.documents])

    def restore(self) -> None:
        """All statements again."""
        self.hold(self.documents)

    def environment(self, folder: Path) -> dict[str, str]:
        """The variables that EKS sets in pods of the ServiceAccount; `folder` holds the token."""
        file = folder / f"{self.name}.token"
        file.write_text(self.place.token(self.name))
        found = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.place.agent, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)}
        return {**found, "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": "/dev/null"}

    def credentials(self) -> dict[str, str]:
        """Keys of a session, as the agent gives them, under the names of the SDKs."""
        request = urllib.request.Request(self.place.agent, headers={"Authorization": self.place.token(self.name)})
        with urllib.request.urlopen(request, timeout=10) as answer:
            given = json.load(answer)
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["Token"],
        }


def _less(statements: Iterable[Document], action: str) -> Iterator[Document]:
    for row in statements:
        if left := [each for each in row["Action"] if each != action]:
            yield {**row, "Action": left}


@contextmanager
def _closing(*clients: Any) -> Iterator[tuple[Any, ...]]:
    try:
        yield clients
    finally:
        for each in clients:
            each.close()
