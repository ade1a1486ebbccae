"""Instance metadata, versions 1 and 2: what a node tells its processes, and its pods unless its hop limit keeps them out."""

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.iam.caller import Keys
from albatross_sandbox.aws.iam.directory import VERSION, Directory, Identity
from albatross_sandbox.aws.iam.sts import Tokens

_TOKEN, _TTL = "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds"
_LONGEST = 21600  # seconds that a token may last
_EARLY = 300  # seconds before their end that new credentials are given out (chosen)

Row = dict[str, Any]


@dataclass(slots=True)
class Metadata:
    """The metadata of one instance; `hops` is how far those are who ask here: 1 for the host, 2 for its pods."""

    instance: str
    cloud: Cloud
    directory: Directory
    tokens: Tokens
    hops: int = 1
    _given: dict[str, float] = field(default_factory=dict)
    _keys: dict[str, Keys] = field(default_factory=dict)

    def application(self) -> web.Application:
        """All that is under `/latest`."""
        application = web.Application()
        application.router.add_put("/latest/api/token", self._token)
        application.router.add_get("/latest/{path:.*}", self._get)
        return application

    async def _token(self, request: web.Request) -> web.Response:
        options = (await self._described()).get("metadataOptions") or {}
        if int(options.get("httpPutResponseHopLimit") or 1) < self.hops:
            await asyncio.Event().wait()  # the answer's packets end on the way: whoever asks hears nothing
        ttl = request.headers.get(_TTL, "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= _LONGEST:
            return web.Response(status=400)
        if "X-Forwarded-For" in request.headers or options.get("httpEndpoint") == "disabled":
            return web.Response(status=403)
        token = secrets.token_urlsafe(40)
        self._given[token] = self.tokens.store.clock.now() + int(ttl)
        return web.Response(text=token, headers={_TTL: ttl})

    async def _get(self, request: web.Request) -> web.Response:
        row = await self._described()
        options = row.get("metadataOptions") or {}
        token = request.headers.get(_TOKEN)
        if options.get("httpEndpoint") == "disabled":
            return web.Response(status=403)
        if token is None and options.get("httpTokens") == "required":
            return web.Response(status=401)
        if token is not None and self._given.get(token, 0.0) <= self.tokens.store.clock.now():
            return web.Response(status=401)
        found = await self._found(request.match_info["path"].strip("/"), row)
        return web.Response(text=found) if found is not None else web.Response(status=404)

    async def _found(self, path: str, row: Row) -> str | None:
        if path == "dynamic/instance-identity/document":
            return json.dumps(self._document(row), indent=2)
        if not path.startswith("meta-data"):
            return None
        path = path.removeprefix("meta-data").strip("/")
        if path.startswith("iam"):
            return await self._iam(path.removeprefix("iam").strip("/"))
        return _listed(_plain(row, self.tokens.store.region), path)

    async def _iam(self, path: str) -> str | None:
        role = await self._role()
        if role is None:
            return None
        if path in ("", "security-credentials"):
            return role.name if path else "security-credentials/"
        if path != f"security-credentials/{role.name}":
            return None
        return json.dumps(await self._credentials(role), indent=2)

    async def _credentials(self, role: Identity) -> Row:
        """Credentials of the instance's role, the same until shortly before their end."""
        clock = self.tokens.store.clock
        held = self._keys.get(role.arn)
        if held is None or (held.until or 0.0) - clock.now() < _EARLY:
            held = await self.tokens.for_instance(role, self.instance)
        if held is None:
            said = f"EC2 cannot assume the role {role.name}. Its trust policy must name ec2.amazonaws.com"
            return {"Code": "AssumeRoleUnauthorizedAccess", "Message": said, "LastUpdated": _moment(datetime.now(UTC))}
        self._keys[role.arn] = held
        told = held.told(clock)
        return {
            "Code": "Success",
            "LastUpdated": _moment(datetime.now(UTC)),
            "Type": "AWS-HMAC",
            "AccessKeyId": held.access_key,
            "SecretAccessKey": held.secret,
            "Token": held.token,
            "Expiration": _moment(told["Expiration"]),
        }

    async def _role(self) -> Identity | None:
        """The role of the instance's profile."""
        form = {"Filter.1.Name": "instance-id", "Filter.1.Value.1": self.instance}
        rows = (await self.cloud.ec2("DescribeIamInstanceProfileAssociations", **form)).get("iamInstanceProfileAssociationSet") or []
        if not rows:
            return None
        name = rows[0]["iamInstanceProfile"]["arn"].rpartition("/")[2]
        try:
            root = await self.cloud.query("iam", "GetInstanceProfile", VERSION, InstanceProfileName=name)
        except Fault:
            return None
        found = root.findtext(".//{*}Roles/{*}member/{*}RoleName")
        return await self.directory.role(found) if found else None

    async def _described(self) -> Row:
        rows = (await self.cloud.ec2("DescribeInstances", **{"InstanceId.1": self.instance}))["reservationSet"] or []
        found: Row = rows[0]["instancesSet"][0]
        return found

    def _document(self, row: Row) -> Row:
        store = self.tokens.store
        return {
            "accountId": store.account,
            "architecture": "x86_64",
            "availabilityZone": _zone(row),
            "imageId": row.get("imageId"),
            "instanceId": self.instance,
            "instanceType": row.get("instanceType"),
            "privateIp": row.get("privateIpAddress"),
            "region": store.region,
            "version": "2017-09-30",
        }


def _zone(row: Row) -> str:
    return str((row.get("placement") or {}).get("availabilityZone") or "")


def _plain(row: Row, region: str) -> dict[str, str]:
    """Path → value of everything but IAM."""
    interface = (row.get("networkInterfaceSet") or [{}])[0]
    mac = str(interface.get("macAddress") or "02:00:00:00:00:01")
    groups = "\n".join(str(group["groupId"]) for group in interface.get("groupSet") or [])
    values = {
        "ami-id": row.get("imageId"),
        "hostname": row.get("privateDnsName"),
        "instance-id": row.get("instanceId"),
        "instance-type": row.get("instanceType"),
        "local-hostname": row.get("privateDnsName"),
        "local-ipv4": row.get("privateIpAddress"),
        "mac": mac,
        f"network/interfaces/macs/{mac}/interface-id": interface.get("networkInterfaceId"),
        f"network/interfaces/macs/{mac}/security-group-ids": groups,
        f"network/interfaces/macs/{mac}/subnet-id": row.get("subnetId"),
        f"network/interfaces/macs/{mac}/vpc-id": row.get("vpcId"),
        "placement/availability-zone": _zone(row),
        "placement/region": region,
        "services/domain": "amazonaws.com",
        "services/partition": "aws",
    }
    return {path: str(value) for path, value in values.items() if value}


def _listed(values: dict[str, str], path: str) -> str | None:
    """The value at a path, or the names under it; those with more below end in a slash."""
    if path in values:
        return values[path]
    start = f"{path}/" if path else ""
    below = [key.removeprefix(start) for key in values if key.startswith(start)]
    names = dict.fromkeys(f"{name.partition('/')[0]}/" if "/" in name else name for name in below)
    return "\n".join(names) or None


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
