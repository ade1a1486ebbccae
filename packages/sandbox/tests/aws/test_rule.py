"""Rules: priorities, conditions, actions, transforms."""

from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all
FIXED = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
PATH = [{"Field": "path-pattern", "Values": ["/a"]}]


@pytest.fixture
def listener(account: Account) -> Any:
    return account.listener()["ListenerArn"]


@pytest.fixture
def https(account: Account) -> Any:
    return account.listener(Port=443, Protocol="HTTPS", Certificates=[{"CertificateArn": account.certificate}])["ListenerArn"]


def rule(account: Account, listener: str, **more: Any) -> Any:
    given = {"ListenerArn": listener, "Priority": 1, "Conditions": PATH, "Actions": FIXED, **more}
    return account.elb.create_rule(**given)["Rules"][0]


def test_priorities_are_unique(account: Account, listener: str) -> None:
    rule(account, listener)
    assert account.code(rule, account=account, listener=listener) == "PriorityInUse"
    assert account.code(rule, account=account, listener=listener, Priority=50001) == "ValidationError"


def test_rules_come_by_priority_and_the_default_last(account: Account, listener: str) -> None:
    for priority in (20, 3, 100):
        rule(account, listener, Priority=priority)
    rows = account.elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [row["Priority"] for row in rows] == ["3", "20", "100", "default"]
    assert [row["IsDefault"] for row in rows] == [False, False, False, True]


def test_default_rule_is_the_listeners(account: Account, listener: str) -> None:
    default = account.elb.describe_rules(ListenerArn=listener)["Rules"][0]
    assert default["Actions"] == account.elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
    assert account.code(account.elb.delete_rule, RuleArn=default["RuleArn"]) == "OperationNotPermitted"
    assert account.code(account.elb.modify_rule, RuleArn=default["RuleArn"], Actions=FIXED) == "OperationNotPermitted"


def test_priorities_swap_in_one_call(account: Account, listener: str) -> None:
    first, second = rule(account, listener)["RuleArn"], rule(account, listener, Priority=2)["RuleArn"]
    change = account.elb.set_rule_priorities
    assert account.code(change, RulePriorities=[{"RuleArn": first, "Priority": 2}]) == "PriorityInUse"
    change(RulePriorities=[{"RuleArn": first, "Priority": 2}, {"RuleArn": second, "Priority": 1}])
    rows = account.elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [row["RuleArn"] for row in rows[:2]] == [second, first]


@pytest.mark.parametrize(
    "condition",
    [
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
        {"Field": "host-header", "HostHeaderConfig": {"RegexValues": ["^[a-z]+\\.example\\.com$"]}},
        {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[0-9]+/"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["a*"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "RegexValues": ["^a"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "HEAD"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "b"}, {"Value": "c"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8", "2001:db8::/32"]}},
    ],
    ids=lambda condition: condition["Field"],
)
def test_conditions_come_back(account: Account, listener: str, condition: dict[str, Any]) -> None:
    made = rule(account, listener, Conditions=[condition])["Conditions"][0]
    assert {key: value for key, value in made.items() if key not in ("Values", "RegexValues")} == condition


@pytest.mark.parametrize("given", [{"Values": ["/a"]}, {"PathPatternConfig": {"Values": ["/a"]}}])
def test_path_comes_in_both_forms(account: Account, listener: str, given: dict[str, Any]) -> None:
    made = rule(account, listener, Conditions=[{"Field": "path-pattern", **given}])["Conditions"]
    assert made == [{"Field": "path-pattern", "Values": ["/a"], "PathPatternConfig": {"Values": ["/a"]}}]


@pytest.mark.parametrize(
    "conditions",
    [
        [],
        [{"Field": "nonsense", "Values": ["a"]}],
        [{"Field": "path-pattern", "Values": []}],
        [{"Field": "path-pattern", "Values": [f"/{n}" for n in range(6)]}],
        [{"Field": "path-pattern", "Values": ["/a b^"]}],
        [{"Field": "path-pattern", "Values": ["/*/*/*/*", "/*/*/*"]}],
        [*PATH, *PATH],
        [{**PATH[0], "PathPatternConfig": {"Values": ["/a"]}}],
        [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.1"]}}],
        [{"Field": "http-request-method", "Values": ["GET"]}],
        [{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}}],
        [{"Field": "http-header", "HttpHeaderConfig": {"Values": ["a"]}}],
        [{"Field": "host-header", "HostHeaderConfig": {"RegexValues": ["("]}}],
        [{"Field": "host-header", "HostHeaderConfig": {"Values": ["a" * 129]}}],
        [{"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a"}]}}],
    ],
)
def test_refuses_conditions(account: Account, listener: str, conditions: list[dict[str, Any]]) -> None:
    assert account.code(rule, account=account, listener=listener, Conditions=conditions) == "ValidationError"


def test_single_forward_comes_in_both_forms(account: Account, listener: str) -> None:
    group = account.target_group()["TargetGroupArn"]
    config = {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": False}}
    wanted = [{"Type": "forward", "Order": 1, "TargetGroupArn": group, "ForwardConfig": config}]
    assert rule(account, listener, Actions=[{"Type": "forward", "TargetGroupArn": group}])["Actions"] == wanted
    given = [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": group}]}}]
    assert rule(account, listener, Priority=2, Actions=given)["Actions"] == wanted


def test_weighted_forward(account: Account, listener: str) -> None:
    groups = [{"TargetGroupArn": account.target_group()["TargetGroupArn"], "Weight": weight} for weight in (0, 999)]
    sticky = {"Enabled": True, "DurationSeconds": 60}
    config = {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky}
    made = rule(account, listener, Actions=[{"Type": "forward", "ForwardConfig": config}])["Actions"][0]
    assert made == {"Type": "forward", "Order": 1, "ForwardConfig": config}
    groups[0]["Weight"] = 1000
    wrong = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    assert account.code(rule, account=account, listener=listener, Priority=2, Actions=wrong) == "ValidationError"


def test_redirect_is_filled_in(account: Account, listener: str) -> None:
    given = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]
    made = rule(account, listener, Actions=given)["Actions"][0]["RedirectConfig"]
    assert made == {
        "Protocol": "HTTPS",
        "Port": "443",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    }


OIDC = {
    "Issuer": "https://i.example.com",
    "AuthorizationEndpoint": "https://i.example.com/a",
    "TokenEndpoint": "https://i.example.com/t",
    "UserInfoEndpoint": "https://i.example.com/u",
    "ClientId": "c",
    "ClientSecret": "very-secret",
}


def test_client_secret_is_never_told(account: Account, https: str) -> None:
    actions = [{"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": OIDC}, {**FIXED[0], "Order": 2}]
    made = rule(account, https, Actions=actions)["Actions"][0]["AuthenticateOidcConfig"]
    assert "ClientSecret" not in made
    assert (made["Scope"], made["SessionTimeout"], made["OnUnauthenticatedRequest"]) == ("openid", 604800, "authenticate")
    assert "very-secret" not in str(account.control("journal"))


def test_cognito_and_jwt(account: Account, https: str) -> None:
    pool = "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/p"
    cognito = {"UserPoolArn": pool, "UserPoolClientId": "c", "UserPoolDomain": "d"}
    made = rule(
        account,
        https,
        Actions=[{"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": cognito}, {**FIXED[0], "Order": 2}],
    )
    assert made["Actions"][0]["AuthenticateCognitoConfig"]["SessionCookieName"] == "AWSELBAuthSessionCookie"
    jwt = {"JwksEndpoint": "https://i.example.com/k", "Issuer": "https://i.example.com"}
    actions = [{"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": jwt}, {**FIXED[0], "Order": 2}]
    assert rule(account, https, Priority=2, Actions=actions)["Actions"][0]["JwtValidationConfig"] == jwt


@pytest.mark.parametrize(
    ("actions", "wanted"),
    [
        ([], "ValidationError"),
        ([{"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": OIDC}, {**FIXED[0], "Order": 2}], "ValidationError"),
        ([{**FIXED[0], "Order": 1}, {**FIXED[0], "Order": 2}], "InvalidLoadBalancerAction"),
        ([{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302"}}], "InvalidLoadBalancerAction"),
        ([{"Type": "forward"}], "ValidationError"),
        ([{"Type": "forward", "TargetGroupArn": "arn:aws:elasticloadbalancing:ap-northeast-2:1:targetgroup/x/1"}], "TargetGroupNotFound"),
        ([{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Port": "99999"}}], "ValidationError"),
        ([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "image/png"}}], "ValidationError"),
    ],
)
def test_refuses_actions(account: Account, listener: str, actions: list[dict[str, Any]], wanted: str) -> None:
    assert account.code(rule, account=account, listener=listener, Actions=actions) == wanted


def test_too_many_groups_in_one_action(account: Account, listener: str) -> None:
    groups = [{"TargetGroupArn": account.target_group()["TargetGroupArn"]} for _ in range(6)]
    actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    assert account.code(rule, account=account, listener=listener, Actions=actions) == "TooManyTargetGroups"


def test_transforms_are_kept_changed_and_reset(account: Account, listener: str) -> None:
    transforms = [
        {"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/a", "Replace": "/b"}]}},
        {"Type": "host-header-rewrite", "HostHeaderRewriteConfig": {"Rewrites": [{"Regex": "^a", "Replace": "b"}]}},
    ]
    arn = rule(account, listener, Transforms=transforms)["RuleArn"]
    told = account.elb.describe_rules(RuleArns=[arn])["Rules"][0]
    assert told["Transforms"] == transforms
    assert account.elb.modify_rule(RuleArn=arn, Actions=FIXED)["Rules"][0]["Transforms"] == transforms
    assert account.elb.modify_rule(RuleArn=arn, ResetTransforms=True)["Rules"][0]["Transforms"] == []
    assert account.code(account.elb.modify_rule, RuleArn=arn, Transforms=[transforms[0], transforms[0]]) == "ValidationError"


def test_quota_of_rules(account: Account, listener: str) -> None:
    rule(account, listener)
    account.control("limits", {"quotas": {"rules-per-application-load-balancer": 1}})
    assert account.code(rule, account=account, listener=listener, Priority=2) == "TooManyRules"


def test_a_rule_lets_go_of_its_group(account: Account, listener: str) -> None:
    group = account.target_group()["TargetGroupArn"]
    arn = rule(account, listener, Actions=[{"Type": "forward", "TargetGroupArn": group}])["RuleArn"]
    assert account.code(account.elb.delete_target_group, TargetGroupArn=group) == "ResourceInUse"
    account.elb.modify_rule(RuleArn=arn, Actions=FIXED)
    account.elb.delete_target_group(TargetGroupArn=group)
    account.elb.delete_rule(RuleArn=arn)
    assert account.code(account.elb.describe_rules, RuleArns=[arn]) == "RuleNotFound"


def test_pages_of_rules(account: Account, listener: str) -> None:
    for priority in range(1, 6):
        rule(account, listener, Priority=priority)
    pages = list(account.elb.get_paginator("describe_rules").paginate(ListenerArn=listener, PaginationConfig={"PageSize": 4}))
    assert [len(page["Rules"]) for page in pages] == [4, 2]


def test_sticky_targets_need_a_sticky_rule(account: Account, listener: str) -> None:
    groups = [account.target_group()["TargetGroupArn"] for _ in range(2)]
    sticky = [{"Key": "stickiness.enabled", "Value": "true"}]
    account.elb.modify_target_group_attributes(TargetGroupArn=groups[0], Attributes=sticky)
    config: dict[str, Any] = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1} for arn in groups]}
    actions = [{"Type": "forward", "ForwardConfig": config}]
    assert account.code(rule, account=account, listener=listener, Actions=actions) == "InvalidLoadBalancerAction"
    config["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": 60}
    assert rule(account, listener, Actions=actions)["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"]["Enabled"]
