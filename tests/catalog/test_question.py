"""Every question has words of its own."""

from albatross.catalog.question import words
from albatross.catalog.tracking import INGRESS
from albatross.model import facts
from albatross.model.facts import Question
from albatross.model.resources.stack import StackId

ASKED: list[Question] = [
    facts.SubnetsOfVpc(),
    facts.SubnetsById(("subnet-1",)),
    facts.RouteTables(),
    facts.Zones(),
    facts.SecurityGroupsById(("sg-1",)),
    facts.SecurityGroupsByName(("web",)),
    facts.BackendSecurityGroup(),
    facts.ClusterSecurityGroups(),
    facts.Certificates(),
    facts.TargetGroupByName("tg"),
    facts.TargetGroupByArn("arn:tg"),
    facts.TargetGroupOf(arn="arn:tg"),
    facts.TargetGroupOf(name="tg", role="arn:role"),
    facts.TrustStoreByName("ts"),
    facts.WebAclByName("acl"),
    facts.LoadBalancersOfStack(StackId(INGRESS, "shop", "app")),
    facts.Vpc(),
    facts.HostedZones(),
    facts.RecordsOf(("www.example.com",)),
]


def test_each_has_its_own() -> None:
    said = [words(each) for each in ASKED]
    assert len(set(said)) == len(said)
    assert "subnets subnet-1" in said
