"""`doctor`: subnets, security groups, ports, and where pods are."""

from typing import Any

from tests.diagnose.evident import codes, deployment, evident, hook, installed, pod, words
from tests.world import ACCOUNT, CONFIG

from albatross.diagnose import overlay, ports, subnets, tags
from albatross.diagnose.evidence import AwsEvidence, Evidence
from albatross.model.facts import Facts, RouteTable, RouteTables, Subnet, SubnetsOfVpc

VPC = CONFIG.vpc_id
ELB, INTERNAL, OWN = "kubernetes.io/role/elb", "kubernetes.io/role/internal-elb", "kubernetes.io/cluster/prod-eks"


def subnet(id: str, zone: str, free: int = 100, **tagged: Any) -> Subnet:
    names = {"elb": ELB, "internal": INTERNAL, "own": OWN, "other": "kubernetes.io/cluster/other"}
    return Subnet(id=f"subnet-{id}", vpc_id=VPC, zone=zone, available_ips=free, tags={names[key]: value for key, value in tagged.items()})


def network(*found: Subnet) -> Evidence:
    public = tuple(each.id for each in found if each.id.startswith("subnet-p"))
    tables = (RouteTable(id="rtb-p", public=True, subnet_ids=public), RouteTable(id="rtb-m", main=True))
    return evident(aws=AwsEvidence(facts=Facts({SubnetsOfVpc(): found, RouteTables(): tables})))


def both(scheme: str, letter: str) -> tuple[Subnet, Subnet]:
    one: Any = {scheme: "1"}
    other: Any = {scheme: ""}
    return subnet(f"{letter}1", "a", **one), subnet(f"{letter}2", "b", **other)


def test_subnets() -> None:
    right = (*both("elb", "p"), *both("internal", "i"))
    assert not list(subnets.check(network(*right)))
    head, *rows = subnets.table(network(*right))
    assert (len(head), len(rows), rows[0][-1]) == (7, 4, "for internal")
    assert codes(subnets.check(network(*both("elb", "p"), subnet("i1", "a")))) == ["LB650"]
    untagged = list(subnets.check(network(subnet("p1", "a"), subnet("p2", "b"))))
    assert [words(each)["scheme"] for each in untagged] == ["internal", "internet-facing"]
    assert "no subnet has the routes" in words(untagged[0])["instead"]
    assert "by its routes it would use subnet-p1, subnet-p2" in words(untagged[1])["instead"]
    assert codes(subnets.check(network(*right, subnet("p3", "c", 3, elb="1")))) == ["LB651"]
    assert codes(subnets.check(network(*right, subnet("i3", "c", elb="1")))) == ["LB652"]
    assert codes(subnets.check(network(*right, subnet("i3", "c", other="shared")))) == ["LB653"]
    assert codes(subnets.check(network(right[0], *right[2:]))) == ["LB654"]
    assert not list(subnets.check(network()))
    verdicts = [
        row[-1] for row in subnets.table(network(subnet("p1", "a", 3), subnet("p2", "a", other="1", own="1"), subnet("i2", "b", elb="1")))
    ]
    assert [each.partition(":")[0].partition(",")[0] for each in verdicts[1:]] == [
        "not used",
        "no role tag; its routes are for internet-facing",
        "tagged for internet-facing",
    ]
    foreign = subnets.table(network(subnet("i3", "c", other="shared")))
    assert foreign[1][-1] == "not used: tagged for other"


NODE = ({"InstanceId": "i-1", "SecurityGroups": [{"GroupId": "sg-cluster"}, {"GroupId": "sg-node"}]},)


def group(id: str, *permissions: dict[str, Any], tagged: bool = True) -> dict[str, Any]:
    return {"GroupId": id, "Tags": [{"Key": OWN, "Value": "owned"}] if tagged else [], "IpPermissions": list(permissions)}


def test_security_groups() -> None:
    (found,) = tags.check(installed(instances=NODE, firewalls=(group("sg-cluster"), group("sg-node"))))
    assert (found.problem.code, "--resources sg-node" in found.remedy.commands[0]) == ("LB655", True)
    assert not list(tags.check(installed(instances=NODE, firewalls=(group("sg-cluster"), group("sg-node", tagged=False)))))


def test_the_port_of_the_webhooks() -> None:
    shut: Any = {"instances": NODE, "firewalls": (group("sg-cluster"), group("sg-node"))}
    (found,) = ports.check(installed(hook(), **shut))
    assert found.problem.code == "LB656"
    assert found.remedy.commands[0].endswith("--port 9443 --source-group sg-cluster")
    allowed = {"IpProtocol": "tcp", "FromPort": 1025, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": "sg-cluster"}]}
    assert not list(ports.check(installed(hook(), instances=NODE, firewalls=(group("sg-cluster"), group("sg-node", allowed)))))
    assert not list(ports.check(installed(**shut)))
    assert not list(ports.check(evident(more=(deployment(), hook()))))


def test_pods_outside_of_the_vpc() -> None:
    (found,) = overlay.check(evident(more=(pod(ip=""), pod(ip="192.0.2.1"))))
    assert (found.problem.code, words(found)["address"]) == ("LB657", "192.0.2.1")
    inside = ACCOUNT["ec2.DescribeVpcs"][0]["CidrBlock"].partition("/")[0]
    assert not list(overlay.check(evident(more=(pod(ip=inside),))))
