"""Our own way into moto: forwards calls, and answers what ELBv2 must know of EC2 and ACM."""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import aiohttp
import orjson

from albatross_sandbox.aws import wall
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.firewall import Firewall

T = TypeVar("T")

_EC2_VERSION = "2016-11-15"


@dataclass(frozen=True, slots=True)
class Subnet:
    """What ELBv2 wants to know of a subnet."""

    id: str
    vpc_id: str
    zone: str
    cidr: str
    free: int
    ipv6: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """What ELBv2 wants to know of an instance."""

    id: str
    vpc_id: str
    state: str
    zone: str
    private_ip: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What ELBv2 wants to know of a certificate."""

    arn: str
    status: str


class Cloud:
    """A connection to the moto process, with facts cached until a write passes that could change them."""

    def __init__(self, base: str, region: str, account: str) -> None:
        self.base = base
        self._region = region
        self._account = account
        self._session = aiohttp.ClientSession(auto_decompress=False, connector=aiohttp.TCPConnector(limit=32))
        self._known: dict[str, Any] = {}
        self._written = 0

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def forward(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a request on as it is, to this account; status, headers and body of the answer."""
        marked = {**headers, "X-Moto-Account-Id": self._account}
        async with self._session.request(
            method, self.base + path, headers=marked, data=body, skip_auto_headers=("Content-Type",)
        ) as answer:
            return answer.status, dict(answer.headers), await answer.read()

    def forget(self, service: str, operation: str) -> None:
        """Drop the facts that a write may have changed."""
        if operation.startswith(("Describe", "Get", "List")):
            return
        self._written += 1
        if service == "iam":
            self._known.pop("identities", None)
        if service in ("acm", "iam"):
            self._known = {key: value for key, value in self._known.items() if not key.startswith("arn:")}
        elif service == "ec2" and "PrivateIpAddresses" in operation:
            self._known.pop("firewall", None)
        elif service == "ec2":
            for name in _DIRTY:
                if any(word in operation for word in _DIRTY[name]):
                    self._known.pop(name, None)

    async def remembered(self, name: str, read: Callable[[], Awaitable[T]]) -> T:
        """What was read under that name, until a write is forgotten that could change it."""
        if name in self._known:
            known: T = self._known[name]
            return known
        before = self._written
        found = await read()
        if before == self._written:  # else it may be of before the write
            self._known[name] = found
        return found

    async def ec2(self, action: str, **form: str) -> dict[str, Any]:
        """One EC2 call as plain data: item lists as lists, an empty element as None; raises Fault with EC2's code."""
        status, body = await self._post("ec2", {"Action": action, "Version": _EC2_VERSION, **form})
        root = ElementTree.fromstring(body)
        if status >= 400:
            raise Fault(root.findtext(".//Code") or "InternalError", root.findtext(".//Message") or "", status)
        found = plain(root)
        return found if isinstance(found, dict) else {}

    async def json(self, service: str, target: str, request: Any) -> Any:
        """One call of a JSON service; raises Fault with its code."""
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1", **self.signature(service)}
        status, _, body = await self.forward("POST", "/", headers, orjson.dumps(request))
        answer = orjson.loads(body or b"{}")
        if status >= 400:
            raise Fault(str(answer.get("__type", "InternalFailure")).rpartition("#")[2], str(answer.get("message", "")), status)
        return answer

    async def query(self, service: str, action: str, version: str, **form: str) -> ElementTree.Element:
        """One call of a Query service as XML; raises Fault with its code."""
        status, body = await self._post(service, {"Action": action, "Version": version, **form})
        root = ElementTree.fromstring(body)
        if status >= 400:
            raise Fault(root.findtext(".//{*}Code") or "InternalFailure", root.findtext(".//{*}Message") or "", status)
        return root

    async def _post(self, service: str, form: dict[str, str]) -> tuple[int, bytes]:
        form_headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **self.signature(service)}
        status, _, body = await self.forward("POST", "/", form_headers, urlencode(form).encode())
        return status, body

    def signature(self, service: str) -> dict[str, str]:
        """The headers that tell moto which service is meant."""
        scope = f"sandbox/20260101/{self._region}/{service}/aws4_request"
        return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}

    async def subnets(self) -> dict[str, Subnet]:
        """Every subnet by id."""
        if "subnets" not in self._known:
            rows = (await self.ec2("DescribeSubnets"))["subnetSet"] or []
            self._known["subnets"] = {row["subnetId"]: _subnet(row) for row in rows}
        found: dict[str, Subnet] = self._known["subnets"]
        return found

    async def gateways(self) -> frozenset[str]:
        """VPCs with an internet gateway attached."""
        if "gateways" not in self._known:
            rows = (await self.ec2("DescribeInternetGateways"))["internetGatewaySet"] or []
            self._known["gateways"] = frozenset(a["vpcId"] for row in rows for a in row["attachmentSet"] or [])
        found: frozenset[str] = self._known["gateways"]
        return found

    async def vpcs(self) -> dict[str, list[str]]:
        """The IPv4 and IPv6 CIDRs of every VPC by id."""
        if "vpcs" not in self._known:
            rows = (await self.ec2("DescribeVpcs"))["vpcSet"] or []
            self._known["vpcs"] = {row["vpcId"]: _cidrs(row) for row in rows}
        found: dict[str, list[str]] = self._known["vpcs"]
        return found

    async def security_groups(self, ids: Iterable[str]) -> dict[str, str]:
        """The VPC of each of these security groups that exists, by id."""
        known: dict[str, str] = self._known.get("groups", {})
        wanted = [each for each in dict.fromkeys(ids) if each not in known]
        if wanted:
            before = self._written
            found = {row["groupId"]: row.get("vpcId") or "" for row in await self._groups(("group-id", wanted))}
            known = {**known, **found}
            if before == self._written:  # else one may be deleted since
                self._known.setdefault("groups", {}).update(found)
        return known

    def learn_group(self, group_id: str, vpc_id: str) -> None:
        """A security group that was made just now."""
        self._known.setdefault("groups", {})[group_id] = vpc_id

    async def default_groups(self, vpc_id: str) -> list[str]:
        """The default security group of a VPC."""
        return [row["groupId"] for row in await self._groups(("vpc-id", [vpc_id]), ("group-name", ["default"]))]

    async def _groups(self, *filters: tuple[str, list[str]]) -> list[dict[str, Any]]:
        form = {f"Filter.{number}.Name": name for number, (name, _) in enumerate(filters, 1)}
        form |= {f"Filter.{at}.Value.{each}": value for at, (_, values) in enumerate(filters, 1) for each, value in enumerate(values, 1)}
        rows: list[dict[str, Any]] = (await self.ec2("DescribeSecurityGroups", **form))["securityGroupInfo"] or []
        return rows

    async def instances(self) -> dict[str, Instance]:
        """Every instance by id."""
        if "instances" not in self._known:
            reservations = (await self.ec2("DescribeInstances"))["reservationSet"] or []
            rows = [row for reservation in reservations for row in reservation["instancesSet"] or []]
            self._known["instances"] = {row["instanceId"]: _instance(row) for row in rows}
        found: dict[str, Instance] = self._known["instances"]
        return found

    async def firewall(self) -> Firewall:
        """The rules of all security groups, and the groups of every address that an interface has."""

        async def read() -> Firewall:
            groups = (await self.ec2("DescribeSecurityGroups"))["securityGroupInfo"] or []
            interfaces = (await self.ec2("DescribeNetworkInterfaces"))["networkInterfaceSet"] or []
            lists = {each: await self.prefixes(each) for each in wall.listed(groups)}
            return wall.firewall(groups, interfaces, lists)

        return await self.remembered("firewall", read)

    async def prefixes(self, identity: str) -> list[str]:
        """The CIDRs of a prefix list; none if there is no such list."""
        try:
            found = await self.ec2("GetManagedPrefixListEntries", PrefixListId=identity)
        except Fault:
            return []
        return [row["cidr"] for row in found.get("entrySet") or []]

    async def allocations(self) -> dict[str, str]:
        """The public address of every elastic address, by its allocation id."""
        rows = (await self.ec2("DescribeAddresses"))["addressesSet"] or []
        return {row["allocationId"]: row["publicIp"] for row in rows if row.get("allocationId")}

    async def certificate(self, arn: str) -> Certificate | None:
        """The ACM or IAM certificate, or None if there is none."""
        if arn not in self._known:
            self._known[arn] = await (self._iam_certificate(arn) if ":iam:" in arn else self._acm_certificate(arn))
        found: Certificate | None = self._known[arn]
        return found

    async def s3_object(self, bucket: str, key: str) -> bytes | None:
        """The bytes of an S3 object, or None if there is none."""
        status, _, body = await self.forward("GET", f"/{bucket}/{quote(key)}", self.signature("s3"), b"")
        return body if status == 200 else None

    async def _acm_certificate(self, arn: str) -> Certificate | None:
        try:
            answer = await self.json("acm", "CertificateManager.DescribeCertificate", {"CertificateArn": arn})
        except Fault:
            return None
        return Certificate(arn, answer["Certificate"]["Status"])

    async def _iam_certificate(self, arn: str) -> Certificate | None:
        try:
            root = await self.query("iam", "GetServerCertificate", "2010-05-08", ServerCertificateName=arn.rpartition("/")[2])
        except Fault:
            return None
        return Certificate(arn, "ISSUED") if root.findtext(".//{*}Arn") == arn else None


_DIRTY = {
    "subnets": ("Subnet", "NetworkInterface", "Instances"),
    "vpcs": ("Vpc",),
    "gateways": ("InternetGateway",),
    "groups": ("DeleteSecurityGroup", "DeleteVpc"),
    "instances": ("Instances",),
    "firewall": ("SecurityGroup", "PrefixList", "NetworkInterface", "Instances"),
}


def _subnet(row: dict[str, Any]) -> Subnet:
    blocks = row.get("ipv6CidrBlockAssociationSet") or []
    ipv6 = tuple(block["ipv6CidrBlock"] for block in blocks if block.get("ipv6CidrBlock"))
    return Subnet(row["subnetId"], row["vpcId"], row["availabilityZone"], row["cidrBlock"], int(row["availableIpAddressCount"]), ipv6)


def _cidrs(row: dict[str, Any]) -> list[str]:
    four = [block["cidrBlock"] for block in row.get("cidrBlockAssociationSet") or []] or [row["cidrBlock"]]
    six = [block["ipv6CidrBlock"] for block in row.get("ipv6CidrBlockAssociationSet") or []]
    return four + six


def _instance(row: dict[str, Any]) -> Instance:
    zone = (row.get("placement") or {}).get("availabilityZone") or ""
    return Instance(row["instanceId"], row.get("vpcId") or "", row["instanceState"]["name"], zone, row.get("privateIpAddress") or "")


def plain(element: ElementTree.Element) -> Any:
    """An EC2 answer's element as plain data."""
    children = list(element)
    if not children:
        return element.text
    if all(_local(child) == "item" for child in children):
        return [plain(child) for child in children]
    return {_local(child): plain(child) for child in children}


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def within(address: str, cidrs: list[str]) -> bool:
    """Whether an address lies in one of the CIDRs."""
    ip = ipaddress.ip_address(address)
    return any(ip in ipaddress.ip_network(cidr) for cidr in cidrs if ipaddress.ip_network(cidr).version == ip.version)
