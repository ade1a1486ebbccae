"""Tags, and the small services beside ELBv2."""

from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all


def test_tags_of_every_kind(account: Account) -> None:
    lb, group = account.load_balancer(), account.target_group()["TargetGroupArn"]
    listener = account.listener(lb)["ListenerArn"]
    rule = account.elb.describe_rules(ListenerArn=listener)["Rules"][0]["RuleArn"]
    arns = [lb["LoadBalancerArn"], group, listener, rule]
    account.elb.add_tags(ResourceArns=arns, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    account.elb.remove_tags(ResourceArns=arns, TagKeys=["a", "nobody"])
    told = account.elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
    assert [(row["ResourceArn"], row["Tags"]) for row in told] == [(arn, [{"Key": "b", "Value": "2"}]) for arn in arns]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("loadbalancer/app/x/1", "LoadBalancerNotFound"),
        ("targetgroup/x/1", "TargetGroupNotFound"),
        ("listener/app/x/1/2", "ListenerNotFound"),
        ("listener-rule/app/x/1/2/3", "RuleNotFound"),
        ("truststore/x/1", "TrustStoreNotFound"),
        ("nonsense/x", "ValidationError"),
    ],
)
def test_tags_of_nobody(account: Account, kind: str, wanted: str) -> None:
    arn = f"arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:{kind}"
    assert account.code(account.elb.describe_tags, ResourceArns=[arn]) == wanted


def test_tags_of_twenty_at_most(account: Account) -> None:
    arn = account.target_group()["TargetGroupArn"]
    assert account.code(account.elb.describe_tags, ResourceArns=[arn] * 20) == ""
    assert account.code(account.elb.describe_tags, ResourceArns=[arn] * 21) == "ValidationError"


def test_resources_are_found_by_tag(account: Account) -> None:
    lb = account.load_balancer(Tags=[{"Key": "find", "Value": "me"}])["LoadBalancerArn"]
    group = account.target_group(Tags=[{"Key": "find", "Value": "me"}])["TargetGroupArn"]
    find = account.client("resourcegroupstaggingapi").get_resources
    by = [{"Key": "find", "Values": ["me"]}]
    assert {row["ResourceARN"] for row in find(TagFilters=by)["ResourceTagMappingList"]} == {lb, group}
    kinds = ["elasticloadbalancing:targetgroup"]
    assert [row["ResourceARN"] for row in find(TagFilters=by, ResourceTypeFilters=kinds)["ResourceTagMappingList"]] == [group]
    assert find(TagFilters=[{"Key": "find", "Values": ["you"]}])["ResourceTagMappingList"] == []


def test_shield_protects_subscribers(account: Account) -> None:
    shield, arn = account.client("shield"), account.load_balancer()["LoadBalancerArn"]
    assert shield.get_subscription_state()["SubscriptionState"] == "INACTIVE"
    assert account.code(shield.create_protection, Name="x", ResourceArn=arn) == "ResourceNotFoundException"
    account.control("shield", {"subscription": "ACTIVE"})
    number = shield.create_protection(Name="x", ResourceArn=arn)["ProtectionId"]
    assert shield.describe_protection(ResourceArn=arn)["Protection"]["Name"] == "x"
    shield.delete_protection(ProtectionId=number)
    assert account.code(shield.describe_protection, ResourceArn=arn) == "ResourceNotFoundException"
    account.control("shield", {"subscription": "INACTIVE"})


def test_waf_classic_associates(account: Account) -> None:
    waf, arn = account.client("waf-regional"), account.load_balancer()["LoadBalancerArn"]
    assert "WebACLSummary" not in waf.get_web_acl_for_resource(ResourceArn=arn)
    assert account.code(waf.associate_web_acl, WebACLId="x", ResourceArn=arn) == "WAFNonexistentItemException"
    account.control("waf-regional", {"id": "x", "name": "X"})
    waf.associate_web_acl(WebACLId="x", ResourceArn=arn)
    assert waf.get_web_acl_for_resource(ResourceArn=arn)["WebACLSummary"]["WebACLId"] == "x"
    waf.disassociate_web_acl(ResourceArn=arn)
    assert "WebACLSummary" not in waf.get_web_acl_for_resource(ResourceArn=arn)


def test_wafv2_associates(account: Account) -> None:
    waf, arn = account.client("wafv2"), account.load_balancer()["LoadBalancerArn"]
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    made = waf.create_web_acl(Name=account.name("acl"), Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)["Summary"]
    waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=arn)
    assert waf.get_web_acl_for_resource(ResourceArn=arn)["WebACL"]["ARN"] == made["ARN"]
    waf.disassociate_web_acl(ResourceArn=arn)
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=arn)


def test_cluster_is_described(account: Account) -> None:
    told = account.client("eks").describe_cluster(name="sandbox")["cluster"]
    assert told["resourcesVpcConfig"]["vpcId"] == account.ready["vpc_id"]
    assert account.code(account.client("eks").describe_cluster, name="nobody") == "ResourceNotFoundException"


def test_limits_are_told(account: Account) -> None:
    pages = account.elb.get_paginator("describe_account_limits").paginate(PaginationConfig={"PageSize": 5})
    held = {row["Name"]: row["Max"] for page in pages for row in page["Limits"]}
    assert held["rules-per-application-load-balancer"] == "100"
