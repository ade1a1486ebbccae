"""A namespace with target groups: what the flows of targets do and look at."""

import itertools
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from tests.flows.bed import Bed, until

KIND = "TargetGroupBinding"
DESCRIPTION = "elbv2.k8s.aws/targetGroupBinding=shared"
NUMBER = itertools.count(1)
# The shortest that AWS allows; the account's clock moves on in the flows.
INTERVAL = 5


@dataclass
class Shop(Bed):
    """A namespace without a controller of its own, and the account behind one load balancer."""

    balancer: str = ""
    elb: Any = None
    ec2: Any = None
    groups: list[str] = field(default_factory=list)

    def group(self, kind: str = "ip", port: int = 80) -> str:
        """A new target group that a listener of its own sends everything to; its ARN."""
        number = next(NUMBER)
        check = {"HealthCheckPath": "/ping", "HealthCheckIntervalSeconds": INTERVAL, "HealthCheckTimeoutSeconds": 3}
        made = self.elb.create_target_group(
            Name=f"targets-{number}",
            Protocol="HTTP",
            Port=port,
            VpcId=self.world.vpc_id,
            TargetType=kind,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
            **check,
        )
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        self.elb.modify_target_group_attributes(
            TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
        )
        forward = [{"Type": "forward", "TargetGroupArn": arn}]
        self.elb.create_listener(LoadBalancerArn=self.balancer, Protocol="HTTP", Port=9000 + number, DefaultActions=forward)
        self.groups.append(arn)
        return arn

    def states(self, arn: str) -> dict[str, str]:
        """Target ids and how they are."""
        rows = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return {row["Target"]["Id"]: row["TargetHealth"]["State"] for row in rows}

    async def settled(self, arn: str, wanted: set[str], state: str = "") -> None:
        """Wait until exactly these are the targets, each in some state; health checks are hurried."""

        async def look() -> bool:
            if state:
                self.call("clock", {"advance": INTERVAL})
            found = {who: how for who, how in self.states(arn).items() if how != "draining"}
            return set(found) == wanted and (not state or set(found.values()) <= {state})

        await until(look, f"the targets {sorted(wanted)} {state}")

    async def becomes(self, arn: str, target: str, state: str) -> None:
        async def look() -> bool:
            self.call("clock", {"advance": INTERVAL})
            return self.states(arn).get(target) == state

        await until(look, f"{target} {state}")

    async def ips(self, app: str = "web", count: int = 0) -> set[str]:
        """The addresses of an app's pods, once there are so many that stay."""

        async def look() -> set[str]:
            pods = (await self.get("Pod"))["items"]
            mine = [p for p in pods if p["metadata"]["labels"].get("app") == app and "deletionTimestamp" not in p["metadata"]]
            found = {str(p.get("status", {}).get("podIP", "")) for p in mine} - {""}
            return found if len(found) == len(mine) == (count or len(mine)) else set()

        return set(await until(look, f"{count} pods of {app}"))

    async def instances(self, *names: str) -> set[str]:
        return {str(node["instance_id"]) for node in self.world.details["nodes"] if node["name"] in names}

    async def finished(self, name: str) -> bool:
        """Whether the controller has taken note of a binding as it is."""
        found = await self.get(KIND, name)
        return bool(found and found.get("status", {}).get("observedGeneration") == found["metadata"]["generation"])

    def made(self, *operations: str) -> list[dict[str, Any]]:
        """The controller's calls of these operations since the last `remember`, that were served."""
        return [call for call in self.calls() if call["operation"] in operations and call["status"] == 200]

    def rules(self, source: str) -> set[tuple[int, int]]:
        """The ports that the nodes' security group opens to a source, by rules of ours."""
        (group,) = self.ec2.describe_security_groups(GroupIds=[self.world.details["security_groups"]["node"]])["SecurityGroups"]
        return {
            (rule["FromPort"], rule["ToPort"])
            for rule in group["IpPermissions"]
            for pair in rule.get("UserIdGroupPairs", ())
            if pair["GroupId"] == source and pair.get("Description") == DESCRIPTION
        }

    async def opened(self, source: str, *ports: tuple[int, int]) -> None:
        async def look() -> bool:
            return self.rules(source) == set(ports)

        await until(look, f"rules {ports}")

    def url(self, arn: str) -> str:
        """Where Envoy answers for a target group, empty while it does not yet."""
        listeners = self.elb.describe_listeners(LoadBalancerArn=self.balancer)["Listeners"]
        port = next(each["Port"] for each in listeners if each["DefaultActions"][0].get("TargetGroupArn") == arn)
        found = self.listener(self.balancer, port)
        return str(found["url"]) if found else ""


def served(url: str) -> str:
    """The pod that answers one request; empty for an error."""
    try:
        with urllib.request.urlopen(f"{url}/", timeout=10) as answer:
            return str(json.load(answer)["pod"])
    except urllib.error.URLError:
        return ""


def binding(arn: str, name: str = "tgb", kind: str = "ip", **spec: Any) -> dict[str, Any]:
    own = {"targetGroupARN": arn, "targetType": kind, "ipAddressType": "ipv4", "serviceRef": {"name": "web", "port": 80}}
    return {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": KIND, "metadata": {"name": name}, "spec": {**own, **spec}}


def opening(source: str, *ports: int | str) -> dict[str, Any]:
    """A binding's `networking`."""
    return {"ingress": [{"from": [{"securityGroup": {"groupID": source}}], "ports": [{"protocol": "TCP", "port": port} for port in ports]}]}
