"""The account as a world finds it: a network, three nodes, two certificates, a hosted zone."""

import ipaddress
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.passage import Passage

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the seeded account is to look like."""

    region: str
    cluster_name: str
    cidr: str
    domain: str
    state: Path

    @property
    def zones(self) -> tuple[str, str, str]:
        """Three availability zones of the region."""
        return (f"{self.region}a", f"{self.region}b", f"{self.region}c")


async def seed(cloud: Cloud, passage: Passage, plan: Plan) -> Row:
    """Build the account; what the ready line says of it."""
    vpc_id, ipv6 = await _vpc(cloud, plan)
    subnets = await _subnets(cloud, plan, vpc_id, ipv6)
    await _routes(cloud, vpc_id, subnets)
    groups = await _groups(cloud, plan, vpc_id)
    nodes = [await _node(cloud, plan, index, subnet, groups["node"]) for index, subnet in enumerate(s for s in subnets if not s["public"])]
    certificates = await _certificates(passage, plan)
    return {
        "vpc_id": vpc_id,
        "subnets": subnets,
        "nodes": nodes,
        "certificates": certificates,
        "security_groups": groups,
        "hosted_zone_id": await _hosted_zone(cloud, plan),
        "ca": str(plan.state / "ca.pem"),
    }


async def _vpc(cloud: Cloud, plan: Plan) -> tuple[str, ipaddress.IPv6Network]:
    made = await cloud.ec2("CreateVpc", CidrBlock=plan.cidr, AmazonProvidedIpv6CidrBlock="true")
    vpc_id = made["vpc"]["vpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        await cloud.ec2("ModifyVpcAttribute", VpcId=vpc_id, **{f"{name}.Value": "true"})
    await _tag(cloud, vpc_id, {"Name": plan.cluster_name, f"kubernetes.io/cluster/{plan.cluster_name}": "shared"})
    rows = (await cloud.ec2("DescribeVpcs", **{"VpcId.1": vpc_id}))["vpcSet"]
    return vpc_id, ipaddress.IPv6Network(rows[0]["ipv6CidrBlockAssociationSet"][0]["ipv6CidrBlock"])


async def _tag(cloud: Cloud, resource: str, tags: dict[str, str]) -> None:
    form = {"ResourceId.1": resource}
    for index, (key, value) in enumerate(tags.items(), 1):
        form |= {f"Tag.{index}.Key": key, f"Tag.{index}.Value": value}
    await cloud.ec2("CreateTags", **form)


async def _subnets(cloud: Cloud, plan: Plan, vpc_id: str, ipv6: ipaddress.IPv6Network) -> list[Row]:
    four = list(ipaddress.IPv4Network(plan.cidr).subnets(new_prefix=20))
    six = list(ipv6.subnets(new_prefix=64))
    rows = []
    for index in range(6):
        public, zone = index < 3, plan.zones[index % 3]
        form = {"VpcId": vpc_id, "CidrBlock": str(four[index]), "Ipv6CidrBlock": str(six[index]), "AvailabilityZone": zone}
        subnet_id = (await cloud.ec2("CreateSubnet", **form))["subnet"]["subnetId"]
        name = f"{'public' if public else 'private'}-{zone[-1]}"
        role = "kubernetes.io/role/elb" if public else "kubernetes.io/role/internal-elb"
        await _tag(cloud, subnet_id, {"Name": name, role: "1", f"kubernetes.io/cluster/{plan.cluster_name}": "shared"})
        rows.append({"id": subnet_id, "name": name, "zone": zone, "cidr": str(four[index]), "public": public})
    return rows


async def _routes(cloud: Cloud, vpc_id: str, subnets: list[Row]) -> None:
    gateway = (await cloud.ec2("CreateInternetGateway"))["internetGateway"]["internetGatewayId"]
    await cloud.ec2("AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc_id)
    for public in (True, False):
        table = (await cloud.ec2("CreateRouteTable", VpcId=vpc_id))["routeTable"]["routeTableId"]
        await _tag(cloud, table, {"Name": "public" if public else "private"})
        if public:
            await cloud.ec2("CreateRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
            await cloud.ec2("CreateRoute", RouteTableId=table, DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
        for subnet in subnets:
            if subnet["public"] == public:
                await cloud.ec2("AssociateRouteTable", RouteTableId=table, SubnetId=subnet["id"])


async def _groups(cloud: Cloud, plan: Plan, vpc_id: str) -> dict[str, str]:
    groups = {}
    for key, name, ownership in (("node", "node-sg", "owned"), ("cluster", "cluster-sg", None)):
        form = {"GroupName": f"{plan.cluster_name}-{name}", "GroupDescription": f"{plan.cluster_name} {key}", "VpcId": vpc_id}
        groups[key] = (await cloud.ec2("CreateSecurityGroup", **form))["groupId"]
        tags = {"Name": f"{plan.cluster_name}-{name}"}
        await _tag(cloud, groups[key], tags | ({f"kubernetes.io/cluster/{plan.cluster_name}": ownership} if ownership else {}))
    return groups


async def _node(cloud: Cloud, plan: Plan, index: int, subnet: Row, group: str) -> Row:
    address = str(ipaddress.IPv4Network(subnet["cidr"])[4])  # the first address of a subnet that AWS gives out
    form = {
        "ImageId": "ami-0123456789abcdef0",
        "InstanceType": "m5.large",
        "MinCount": "1",
        "MaxCount": "1",
        "MetadataOptions.HttpPutResponseHopLimit": "2",  # as EKS gives its managed nodes
        "NetworkInterface.1.DeviceIndex": "0",
        "NetworkInterface.1.SubnetId": subnet["id"],
        "NetworkInterface.1.PrivateIpAddress": address,
        "NetworkInterface.1.SecurityGroupId.1": group,
        "NetworkInterface.1.DeleteOnTermination": "true",
    }
    made = (await cloud.ec2("RunInstances", **form))["instancesSet"][0]
    instance = made["instanceId"]
    await _tag(cloud, instance, {"Name": f"node-{index}", f"kubernetes.io/cluster/{plan.cluster_name}": "owned"})
    found = (await cloud.ec2("DescribeInstances", **{"InstanceId.1": instance}))["reservationSet"][0]["instancesSet"][0]
    return {
        "name": f"node-{index}",
        "instance_id": instance,
        "private_ip": found["privateIpAddress"],
        "zone": subnet["zone"],
        "subnet_id": subnet["id"],
        "eni_id": found["networkInterfaceSet"][0]["networkInterfaceId"],
        "provider_id": f"aws:///{subnet['zone']}/{instance}",
    }


async def _certificates(passage: Passage, plan: Plan) -> list[Row]:
    authority = passage.keyring.authority
    plan.state.mkdir(parents=True, exist_ok=True)
    (plan.state / "ca.pem").write_text(authority.certificate)
    rows = []
    for names in ([f"*.{plan.domain}", plan.domain], [f"api.{plan.domain}"]):
        arn = await passage.keyring.add(names)
        rows.append({"arn": arn, "domain": names[0], "sans": names})
    return rows


async def _hosted_zone(cloud: Cloud, plan: Plan) -> str:
    space = "https://route53.amazonaws.com/doc/2013-04-01/"
    parts = f"<Name>{escape(plan.domain)}.</Name><CallerReference>{uuid.uuid4()}</CallerReference>"
    body = f'<CreateHostedZoneRequest xmlns="{space}">{parts}</CreateHostedZoneRequest>'
    headers = {"Content-Type": "text/xml", **cloud.signature("route53")}
    _, _, answer = await cloud.forward("POST", "/2013-04-01/hostedzone", headers, body.encode())
    return (ElementTree.fromstring(answer).findtext(f".//{{{space}}}Id") or "").rpartition("/")[2]
