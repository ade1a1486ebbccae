"""The way to moto: what must be looked at or put right as calls pass."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from albatross_sandbox.aws import alias
from albatross_sandbox.aws.call import Call
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault, unimplemented
from albatross_sandbox.aws.iam.caller import Caller, Callers, Keys
from albatross_sandbox.aws.keyring import Keyring
from albatross_sandbox.aws.store import Store

_KEPT = ("Content-Type", "Authorization", "X-Amz-Target", "X-Amz-Date", "X-Amz-Security-Token", "Accept", "User-Agent")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that are not allowed in XML: https://www.w3.org/TR/xml/#charsets"""


class Passage:
    """Forwards calls to moto and remembers what must not get lost on the way."""

    def __init__(self, store: Store, cloud: Cloud, callers: Callers) -> None:
        self._store = store
        self._cloud = cloud
        self._callers = callers
        self.keyring = Keyring(cloud)

    async def serve(self, call: Call, headers: Mapping[str, str]) -> web.Response:
        """Moto's answer; raises Fault for what moto does not know or AWS would refuse."""
        await self._before(call)
        kept = {name: headers[name] for name in _KEPT if name in headers}
        status, answered, body = await self._cloud.forward(call.method, call.path, kept, call.body)
        kind = answered.get("Content-Type", "text/xml")
        if _broken(status, kind, body):
            raise _unserved(call, status, body)
        if status < 400:
            self._cloud.forget(call.service, call.operation)
            if call.operation == "CreateSecurityGroup":
                self._cloud.learn_group(_told(body, "groupId"), call.form.get("VpcId", ""))
            body = self._after(call, body)
        passed = {name: value for name, value in answered.items() if name.lower().startswith("x-amz")}
        return web.Response(body=body, status=status, headers={**passed, "Content-Type": kind})

    async def _before(self, call: Call) -> None:
        _check_characters(call)
        if call.service == "ec2" and call.operation == "DeleteSecurityGroup":
            await self._check_group(call.form.get("GroupId", ""))
        if call.service == "acm" and call.operation == "DeleteCertificate":
            self._check_certificate(call.json().get("CertificateArn", ""))
        if call.service == "route53" and call.operation == "ChangeResourceRecordSets":
            alias.check(self._store, call.body)

    async def _check_group(self, group_id: str) -> None:
        """Refuse to delete a security group that something refers to."""
        held = bool(self._store.holders(group_id)) or self._store.lingers(group_id)
        if held or await self._referred(group_id):
            raise Fault("DependencyViolation", f"resource {group_id} has a dependent object")

    async def _referred(self, group_id: str) -> bool:
        groups = (await self._cloud.ec2("DescribeSecurityGroups"))["securityGroupInfo"] or []
        for group in groups:
            if group["groupId"] != group_id and _mentions(group, group_id):
                return True
        filters = {"Filter.1.Name": "group-id", "Filter.1.Value.1": group_id}
        return bool((await self._cloud.ec2("DescribeNetworkInterfaces", **filters)).get("networkInterfaceSet"))

    def _check_certificate(self, arn: str) -> None:
        if users_of(self._store, arn):
            raise Fault("ResourceInUseException", f"Certificate {arn} in use.")

    def _after(self, call: Call, body: bytes) -> bytes:
        if call.service == "acm":
            return self._after_acm(call, body)
        if call.service == "sts":
            self._remember_session(body)
        if call.service == "iam":
            self._follow_key(call, body)
        return body

    def _after_acm(self, call: Call, body: bytes) -> bytes:
        if call.operation == "ImportCertificate":
            self.keyring.remember(call.json(), orjson.loads(body)["CertificateArn"])
        if call.operation == "DescribeCertificate":
            answer = orjson.loads(body)
            arn = answer["Certificate"]["CertificateArn"]
            answer["Certificate"]["InUseBy"] = users_of(self._store, arn)
            return orjson.dumps(answer)
        if call.operation == "ListCertificates":
            answer = orjson.loads(body)
            for row in answer["CertificateSummaryList"]:
                row["InUse"] = bool(users_of(self._store, row["CertificateArn"]))
            return orjson.dumps(answer)
        return body

    def _remember_session(self, body: bytes) -> None:
        """The sessions that moto gives out: of SAML, and of federated users."""
        key, token, arn = _told(body, "AccessKeyId"), _told(body, "SessionToken"), _told(body, "Arn")
        if key and arn:
            role = arn.split("/")[1] if ":assumed-role/" in arn else ""
            account = self._store.account
            own = f"arn:{self._store.partition}:iam::{account}:role/{role}" if role else ""
            caller = Caller(arn, account, "AssumedRole" if role else "User", role, unlimited=not role, role=own)
            self._callers.adopt(Keys(key, "", token), caller)

    def _follow_key(self, call: Call, body: bytes) -> None:
        """A user's access keys, from their making to their end."""
        if call.operation == "CreateAccessKey":
            name, key = _told(body, "UserName"), _told(body, "AccessKeyId")
            arn = f"arn:{self._store.partition}:iam::{self._store.account}:user/{name}"
            self._callers.adopt(Keys(key, _told(body, "SecretAccessKey")), Caller(arn, self._store.account, name=name))
        if call.operation in ("UpdateAccessKey", "DeleteAccessKey"):
            active = call.operation == "UpdateAccessKey" and call.form.get("Status") == "Active"
            self._callers.switch(call.form.get("AccessKeyId", ""), active=active)


def _check_characters(call: Call) -> None:
    """Refuse what XML cannot hold: moto would keep it, and nobody could read any of its answers about it."""
    for name, value in call.form.items():
        if _UNWRITABLE.search(value):
            raise Fault("InvalidParameterValue", f"Value ({ascii(value)[1:-1][:100]}) for parameter {name} is invalid. Invalid characters.")


def _told(body: bytes, name: str) -> str:
    found = re.search(rf"<{name}>([^<]+)<".encode(), body)
    return found.group(1).decode() if found else ""


def users_of(store: Store, certificate: str) -> list[str]:
    """ARNs of the load balancers that present a certificate."""
    return sorted(
        {
            listener.load_balancer.arn
            for listener in store.listeners.values()
            if certificate == listener.certificate or certificate in listener.extra_certificates
        }
    )


def _mentions(group: dict[str, Any], group_id: str) -> bool:
    permissions = [*(group.get("ipPermissions") or []), *(group.get("ipPermissionsEgress") or [])]
    return any(pair.get("groupId") == group_id for permission in permissions for pair in permission.get("groups") or [])


# What moto serves here; where it breaks, that is a fault of its own and not a gap.
_SERVED = frozenset({"ec2", "acm", "iam", "sts", "route53", "wafv2"})


def _unserved(call: Call, status: int, body: bytes) -> Fault:
    if status != 501 and call.service in _SERVED:
        return Fault("InternalFailure", f"moto could not serve {call.service} {call.operation}: {body.decode(errors='replace')[:500]}", 500)
    return unimplemented(call.service, call.operation or call.path, call.protocol)


def _broken(status: int, kind: str, body: bytes) -> bool:
    """Whether moto did not know what to do: an HTML page, or its own traceback."""
    return "html" in kind.lower() and (status >= 400 or body.lstrip()[:14].lower() == b"<!doctype html")
