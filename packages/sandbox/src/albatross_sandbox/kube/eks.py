"""The cluster as EKS has it: EKS knows where it is, and tokens of `aws eks get-token` are the caller's AWS identity.

Such a token is a presigned GetCallerIdentity request. As on EKS, whoever made the cluster is its administrator: here these are the keys
that IAM did not create. Other AWS identities have no access: access entries and the `aws-auth` ConfigMap are not read.
"""

import base64
import time
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import aiohttp

from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.options import User

PREFIX = "k8s-aws-v1."
_VALID = 900.0
"""Seconds that aws-iam-authenticator lets a token be used."""
_HEADER = "x-k8s-aws-id"


class Authenticator:
    """Asks the account's STS who has signed a token."""

    def __init__(self, endpoint: str, cluster: str) -> None:
        self._endpoint = endpoint
        self._cluster = cluster
        self._known: dict[str, tuple[User, float]] = {}

    async def user(self, token: str) -> User | None:
        """Whose a token is; None where STS does not answer for it, or where it is for another cluster."""
        now = time.monotonic()
        self._known = {key: row for key, row in self._known.items() if row[1] > now}
        if token not in self._known:
            found = await self._asked(_query(token))
            if found is None:
                return None
            self._known[token] = (found, now + _VALID)
        return self._known[token][0]

    async def _asked(self, query: str) -> User | None:
        asked = {key.lower(): value for key, value in parse_qsl(query)}
        if asked.get("action") != "GetCallerIdentity" or _HEADER not in asked.get("x-amz-signedheaders", "").split(";"):
            return None
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{self._endpoint}/?{query}", headers={_HEADER: self._cluster}) as answer,
        ):
            text = await answer.text()
        arn = ElementTree.fromstring(text).findtext(".//{*}Arn") if answer.status == 200 else None
        if arn is None:
            return None
        key = asked.get("x-amz-credential", "").partition("/")[0]
        masters = ("system:masters",) if arn.endswith(f":user/{key}") else ()
        return User(arn, (*masters, "system:authenticated"))

    async def announce(self, server: str, authority: str) -> None:
        """Tell EKS where the cluster is."""
        body = {"name": self._cluster, "endpoint": server, "certificate_authority": authority}
        async with aiohttp.ClientSession() as session, session.post(f"{self._endpoint}/_sandbox/cluster", json=body) as answer:
            answer.raise_for_status()


def _query(token: str) -> str:
    """The query of the request in a token. Its host is not followed: only the account of this sandbox is asked."""
    text = token.removeprefix(PREFIX)
    try:
        url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        raise Fault(401, "Unauthorized", "Unauthorized") from None
    return url.partition("?")[2]
