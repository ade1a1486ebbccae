"""Target groups of a second account: the role there is assumed with its external id, and each refusal says which side to change."""

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.controller.scripted import Cluster, Heard
from tests.role import Place, Role

from albatross.controller.targets import TargetsLoop
from albatross.errors import AlbatrossError
from albatross.install import policy

Account = Any

HOME, OTHER = "123456789012", "210987654321"
SECRET = "shared-secret"
KIND = "TargetGroupBinding"
TARGET = "10.1.2.3"
_NUMBERS = itertools.count(1)
WEB: tuple[dict[str, Any], ...] = (
    {"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 8080}]}},
    {
        "kind": "Pod",
        "metadata": {"name": "web-0", "uid": "u"},
        "spec": {"containers": [{"name": "web"}]},
        "status": {"podIP": TARGET, "conditions": [{"type": "Ready", "status": "True"}, {"type": "ContainersReady", "status": "True"}]},
    },
    {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "web", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": 8080}],
        "endpoints": [
            {"addresses": [TARGET], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "namespace": "shop", "name": "web-0"}}
        ],
    },
)


@dataclass(frozen=True)
class Foreign(Place):
    """A place whose administrator is that of the second account."""

    def client(self, service: str, key: str = OTHER) -> Any:
        return Place.client(self, service, key)


@dataclass
class Lender:
    """The second account: a target group, and the role that may change its targets."""

    place: Foreign
    name: str
    arn: str = ""
    group: str = ""

    def make(self) -> None:
        iam, elb, ec2 = (self.place.client(each) for each in ("iam", "elbv2", "ec2"))
        document = json.dumps(policy.document(policy.statements(("given-target-groups",), "sandbox")))
        self.arn = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=self.trust())["Role"]["Arn"]
        iam.put_role_policy(RoleName=self.name, PolicyName="targets", PolicyDocument=document)
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        made = elb.create_target_group(Name=self.name, Protocol="HTTP", Port=80, TargetType="ip", VpcId=vpc)
        self.group = made["TargetGroups"][0]["TargetGroupArn"]

    def trust(self, account: str = HOME) -> str:
        wanted = {"StringEquals": {"sts:ExternalId": SECRET}}
        statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole", "Condition": wanted}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def trusts(self, account: str) -> None:
        self.place.client("iam").update_assume_role_policy(RoleName=self.name, PolicyDocument=self.trust(account))

    def targets(self) -> list[str]:
        rows = self.place.client("elbv2").describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return [row["Target"]["Id"] for row in rows]


@dataclass
class Bed:
    """The fast loop with a role of its own, and a binding of a target group of the lender."""

    loop: TargetsLoop
    cluster: Cluster
    heard: Heard
    role: Role
    lender: Lender

    async def bind(self, external_id: str) -> str:
        """One pass with this external id (empty: none); the warning, if there is one."""
        own = {"assumeRoleExternalId": external_id} if external_id else {}
        spec: dict[str, Any] = {
            "targetGroupARN": self.lender.group,
            "targetType": "ip",
            "ipAddressType": "ipv4",
            "iamRoleArnToAssume": self.lender.arn,
        }
        spec |= {"serviceRef": {"name": "web", "port": 80}, **own}
        for each in (
            *WEB,
            {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": KIND, "metadata": {"name": "tgb", "generation": 1}, "spec": spec},
        ):
            self.cluster.apply({"apiVersion": "v1", **each, "metadata": {"namespace": "shop", **each["metadata"]}})
        self.heard.events = []
        try:
            await self.loop.reconcile(("shop", "tgb"))
        except AlbatrossError:
            pass
        return "".join(each.message for each in self.heard.events if each.type == "Warning")


@pytest.fixture
async def bed(account: Account) -> AsyncIterator[Bed]:
    name = f"lent-{next(_NUMBERS)}"
    place = account.place()
    lender = Lender(Foreign(place.endpoint, place.agent), f"lender-{name}")
    lender.make()
    role = Role.made(place, name, "cross-account", "given-target-groups")
    config = replace(account.config)
    async with account.session(config, account.clock(), role.credentials()) as session:
        cluster = Cluster()
        heard = Heard(cluster)
        loop = TargetsLoop(session, cluster, cluster.cache, config, heard)
        async with loop.roles:
            yield Bed(loop, cluster, heard, role, lender)


async def test_the_right_external_id_is_let_in(bed: Bed) -> None:
    assert await bed.bind(SECRET) == ""
    assert bed.lender.targets() == [TARGET]


@pytest.mark.parametrize(("external_id", "said"), [("wrong", "role assumed with assumeRoleExternalId"), ("", "no external id")])
async def test_an_external_id_that_is_wrong_or_missing_is_named(bed: Bed, external_id: str, said: str) -> None:
    told = await bed.bind(external_id)
    assert "LB722" in told
    assert said in told
    assert "set spec.assumeRoleExternalId of the TargetGroupBinding" in told
    assert SECRET not in told
    assert bed.lender.targets() == []
    assert await bed.bind(SECRET) == ""
    assert bed.lender.targets() == [TARGET]


async def test_a_role_that_trusts_others_is_changed_in_its_account(bed: Bed) -> None:
    bed.lender.trusts("111122223333")
    told = await bed.bind(SECRET)
    assert "LB722" in told
    assert f"in account {OTHER}: check that the role exists, and allow role {bed.role.name}" in told
    bed.lender.trusts(HOME)
    assert await bed.bind(SECRET) == ""


async def test_our_own_policy_is_named_if_it_does_not_allow_the_role(bed: Bed) -> None:
    bed.role.without("AssumeRoles")
    told = await bed.bind(SECRET)
    assert "LB722" not in told
    assert f"is not allowed to do sts:AssumeRole on {bed.lender.arn}" in told
    assert f"add the statement AssumeRoles to the policies of role {bed.role.name}" in told
    assert "--features cross-account" in told
    bed.role.restore()
    assert await bed.bind(SECRET) == ""
