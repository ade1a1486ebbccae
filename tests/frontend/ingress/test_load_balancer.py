"""Settings of the load balancer and its listeners: class over annotation, members with one another."""

from dataclasses import replace

import pytest
from tests.world import CONFIG, Result, annotated, compiled, paths

from albatross.model.config import Config
from albatross.model.resources.ref import Ref

WEB_ACL = "arn:aws:wafv2:ap-northeast-2:123456789012:regional/webacl/"
CLASS = "kind: IngressClass\nmetadata: {name: alb}\nspec: {parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}}\n"
TEAM = {"group.name": "team"}
SECURE = {"listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]', "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"}
OTHER = "kind: IngressClass\nmetadata: {name: other}\nspec: {controller: ingress.k8s.aws/alb}\n"


def ruled(spec: str, annotations: dict[str, str] | None = None, config: Config = CONFIG) -> Result:
    params = f"kind: IngressClassParams\nmetadata: {{name: p}}\nspec: {spec}\n"
    return compiled(CLASS, params, annotated(annotations or {}), config=config)


@pytest.mark.parametrize(
    ("spec", "annotation", "field", "wanted"),
    [
        ("{scheme: internet-facing}", {"scheme": "not even valid"}, "scheme", "internet-facing"),
        ("{loadBalancerName: mine}", {"load-balancer-name": "yours"}, "name", "mine"),
        ("{ipAddressType: ipv4}", {"ip-address-type": "x"}, "ip_address_type", "ipv4"),
        ("{tags: [{key: a, value: class}]}", {"tags": "a=own,b=own"}, "tags", (("a", "class"), ("b", "own"))),
        (
            "{loadBalancerAttributes: [{key: idle_timeout.timeout_seconds, value: '9'}]}",
            {"load-balancer-attributes": "idle_timeout.timeout_seconds=8,routing.http2.enabled=true"},
            "attributes",
            (("idle_timeout.timeout_seconds", "9"), ("routing.http2.enabled", "true")),
        ),
        ("{minimumLoadBalancerCapacity: {capacityUnits: 7}}", {"minimum-load-balancer-capacity": "CapacityUnits=8"}, "minimum_capacity", 7),
        ("{minimumLoadBalancerCapacity: {capacityUnits: 7}}", {"minimum-load-balancer-capacity": "bad=1"}, "minimum_capacity", 7),
        ("{ipamConfiguration: {ipv4IPAMPoolId: ''}}", {"ipam-ipv4-pool-id": "x"}, "ipv4_ipam_pool", ""),
        ("{}", {"ipam-ipv4-pool-id": "x"}, "ipv4_ipam_pool", "x"),
        ("{}", {"ipam-ipv4-pool-id": ""}, "ipv4_ipam_pool", None),
        ("{}", {"customer-owned-ipv4-pool": "c"}, "customer_owned_ipv4_pool", "c"),
    ],
)
def test_the_class_rules(spec: str, annotation: dict[str, str], field: str, wanted: object) -> None:
    result = ruled(spec, annotation)
    assert not result.errors
    assert getattr(result.stack.load_balancers[0], field) == wanted


def test_an_overruled_annotation_is_said() -> None:
    assert ruled("{scheme: internal}", {"scheme": "internal"}).at("LB130") == ['metadata.annotations["alb.ingress.kubernetes.io/scheme"]']


def test_listener_settings_of_the_class() -> None:
    spec = (
        "{inboundCIDRs: [10.0.0.0/8], prefixListsIDs: [pl-1], PrefixListsIDs: [pl-0], sslPolicy: ELBSecurityPolicy-FS-2018-06,"
        " certificateArn: ['arn:class'], targetType: ip,"
        " listeners: [{protocol: HTTPS, port: 443, listenerAttributes: [{key: routing.http.response.server.enabled, value: 'false'}]}]}"
    )
    given = {"inbound-cidrs": "bad", "ssl-policy": "x", "listener-attributes.HTTPS-443": "routing.http.response.server.enabled=true"}
    result = ruled(spec, {**SECURE, **given})
    assert not result.errors
    secure = result.stack.listeners[1]
    assert (secure.certificates, secure.ssl_policy) == (("arn:class",), "ELBSecurityPolicy-FS-2018-06")
    assert secure.attributes == (("routing.http.response.server.enabled", "false"),)
    sources = [(rule.cidr, rule.prefix_list) for rule in result.stack.security_groups[0].ingress if rule.from_port == 443]
    assert sources == [("10.0.0.0/8", ""), ("", "pl-1")]
    assert result.stack.target_groups[0].target_type == "ip"


def test_bad_cidrs_and_legacy_prefix_lists_of_the_class() -> None:
    assert ruled("{inboundCIDRs: [10.0.0.0]}").at("LB105") == ["spec.inboundCIDRs"]
    rules = ruled("{PrefixListsIDs: [pl-0]}").stack.security_groups[0].ingress
    assert [rule.prefix_list for rule in rules] == ["pl-0"]


@pytest.mark.parametrize(("port", "redirects"), [("443", True), ("https", False)])
def test_redirect_of_the_class(port: str, redirects: bool) -> None:
    result = ruled(f"{{sslRedirectPort: '{port}'}}", {**SECURE, "ssl-redirect": "x"})
    assert not result.errors
    assert ("LB162" in result.codes) is not redirects
    assert any(rule.listener == Ref("Listener", "80", "arn") for rule in result.stack.rules) is not redirects


@pytest.mark.parametrize(
    ("spec", "annotations", "wanted"),
    [
        ("{}", {}, None),
        ("{}", {"wafv2-acl-arn": "arn:w"}, "arn:w"),
        ("{}", {"wafv2-acl-arn": "none"}, ""),
        ("{}", {"wafv2-acl-arn": ""}, ""),
        ("{wafv2AclArn: 'arn:c'}", {"wafv2-acl-arn": "arn:w"}, "arn:c"),
        ("{wafv2AclName: none}", {"wafv2-acl-arn": "arn:w", "wafv2-acl-name": "x"}, ""),
        ("{}", {"wafv2-acl-arn": "arn:w", "wafv2-acl-name": "none"}, ""),
        ("{}", {"wafv2-acl-arn": "arn:w", "wafv2-acl-name": ""}, "arn:w"),
    ],
)
def test_web_acl(spec: str, annotations: dict[str, str], wanted: str | None) -> None:
    stack = ruled(spec, annotations).stack
    assert [each.web_acl_arn for each in stack.web_acls] == ([] if wanted is None else [wanted])


def test_a_web_acl_that_is_not_there() -> None:
    assert ruled("{}", {"wafv2-acl-name": "ghost"}).errors == ["LB312"]


@pytest.mark.parametrize(
    ("annotations", "wanted"),
    [
        ({"waf-acl-id": "a"}, ["a"]),
        ({"web-acl-id": "b"}, ["b"]),
        ({"waf-acl-id": "none", "web-acl-id": "b"}, [""]),
        ({"waf-acl-id": "", "web-acl-id": "b"}, []),
    ],
)
def test_classic_web_acl(annotations: dict[str, str], wanted: list[str]) -> None:
    assert [each.web_acl_id for each in compiled(annotated(annotations)).stack.regional_web_acls] == wanted


@pytest.mark.parametrize("value", ["true", "false"])
def test_shield(value: str) -> None:
    assert [each.enabled for each in compiled(annotated({"shield-advanced-protection": value})).stack.protections] == [value == "true"]


def test_gates_and_tags_of_the_operator() -> None:
    off = replace(CONFIG, gates={"LBCapacityReservation": False})
    result = compiled(annotated({"minimum-load-balancer-capacity": "CapacityUnits=7"}), config=off)
    assert result.stack.load_balancers[0].minimum_capacity is None
    assert result.codes == ["LB133"]
    over = replace(CONFIG, default_tags={"a": "op"})
    assert compiled(annotated({"tags": "a=own"}), config=over).stack.load_balancers[0].tags == (("a", "op"),)
    under = replace(over, gates={"EnableDefaultTagsLowPriority": True})
    assert compiled(annotated({"tags": "a=own"}), config=under).stack.load_balancers[0].tags == (("a", "own"),)
    managed = replace(CONFIG, external_managed_tags=frozenset({"a"}))
    assert compiled(annotated({"tags": "a=own"}), config=managed).errors == ["LB136"]


def two(first: dict[str, str], second: dict[str, str]) -> Result:
    spec = {"ingressClassName": "other", **paths(("/o", "Exact", "web:80"), host="o.example.com")}
    return compiled(OTHER, annotated({**TEAM, **first}), annotated({**TEAM, **second}, "other", spec=spec))


CONFLICTS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"scheme": "internal"}, {"scheme": "internet-facing"}),
    ({"ip-address-type": "ipv4"}, {"ip-address-type": "dualstack"}),
    ({"subnets": "private-a,private-b"}, {"subnets": "private-b,private-c"}),
    ({"security-groups": "web-sg"}, {"security-groups": "other"}),
    ({"security-groups": "web-sg", "manage-backend-security-group-rules": "true"}, {"manage-backend-security-group-rules": "false"}),
    ({"customer-owned-ipv4-pool": "a"}, {"customer-owned-ipv4-pool": "b"}),
    ({"ipam-ipv4-pool-id": "a"}, {"ipam-ipv4-pool-id": "b"}),
    ({"load-balancer-name": "a"}, {"load-balancer-name": "b"}),
    ({"load-balancer-attributes": "idle_timeout.timeout_seconds=1"}, {"load-balancer-attributes": "idle_timeout.timeout_seconds=2"}),
    ({"minimum-load-balancer-capacity": "CapacityUnits=1"}, {"minimum-load-balancer-capacity": "CapacityUnits=2"}),
    ({"tags": "a=1"}, {"tags": "a=2"}),
    ({"inbound-cidrs": "10.0.0.0/8"}, {"inbound-cidrs": "10.0.0.0/9"}),
    ({"security-group-prefix-lists": "pl-1"}, {"security-group-prefix-lists": "pl-2"}),
    ({**SECURE, "ssl-policy": "a"}, {**SECURE, "ssl-policy": "b"}),
    ({**SECURE, "ssl-redirect": "443"}, {"ssl-redirect": "80"}),
    ({"listener-attributes.HTTP-80": "a=1"}, {"listener-attributes.HTTP-80": "a=2"}),
    ({"wafv2-acl-arn": WEB_ACL + "a/1"}, {"wafv2-acl-arn": WEB_ACL + "b/1"}),
    ({"wafv2-acl-name": "none"}, {"wafv2-acl-name": "b"}),
    ({"waf-acl-id": "a"}, {"web-acl-id": "b"}),
    ({"shield-advanced-protection": "true"}, {"shield-advanced-protection": "false"}),
    (
        {**SECURE, "mutual-authentication": '[{"port": 443, "mode": "off"}]'},
        {**SECURE, "mutual-authentication": '[{"port": 443, "mode": "passthrough"}]'},
    ),
]


HARMLESS = (
    "customer-owned-ipv4-pool",
    "ipam-ipv4-pool-id",
    "load-balancer-name",
    "load-balancer-attributes",
    "minimum-load-balancer-capacity",
    "tags",
    "listener-attributes.HTTP-80",
    "shield-advanced-protection",
)


@pytest.mark.parametrize(("first", "second"), CONFLICTS, ids=lambda each: next(iter(each)))
def test_the_later_member_is_at_fault_and_served_only_where_that_is_harmless(first: dict[str, str], second: dict[str, str]) -> None:
    result = two(first, second)
    assert result.errors == ["LB123"]
    assert {problem.origin.name for problem in result.problems if problem.code == "LB123"} == {"other"}
    stack = result.stacks["team"]
    assert stack is not None
    served = {"shop/app", "shop/other"} if next(iter(first)) in HARMLESS else {"shop/app"}
    assert {rule.member.short for rule in stack.rules if rule.member} == served


def test_a_member_that_is_being_served_is_never_taken_down_by_another() -> None:
    served = "kind: Ingress\nmetadata: {name: other}\nstatus: {loadBalancer: {ingress: [{hostname: a.example.com}]}}\n"
    spec = {"ingressClassName": "other", **paths(("/o", "Exact", "web:80"))}
    other = annotated({**TEAM, "scheme": "internal"}, "other", spec=spec)
    result = compiled(OTHER, annotated({**TEAM, "scheme": "internet-facing"}), other, served)
    assert result.errors == ["LB123"]
    stack = result.stacks["team"]
    assert stack is not None
    assert [each.scheme for each in stack.load_balancers] == ["internal"]
    both = compiled(OTHER, annotated({**TEAM, "scheme": "internet-facing"}), other, served, served.replace("other", "app"))
    assert both.errors == ["LB123"]
    assert both.stacks["team"] is None


@pytest.mark.parametrize(("first", "second"), CONFLICTS, ids=lambda each: next(iter(each)))
def test_members_that_say_nothing_or_the_same_agree(first: dict[str, str], second: dict[str, str]) -> None:
    assert not [code for code in two(first, {}).errors if code == "LB123"]
    assert not [code for code in two(second, second).errors if code == "LB123"]


def test_the_first_members_class_silences_conflicts() -> None:
    params = "kind: IngressClassParams\nmetadata: {name: p}\nspec: {loadBalancerAttributes: [{key: a, value: '3'}]}\n"
    spec = {"ingressClassName": "other", **paths(("/o", "Exact", "web:80"))}
    one = annotated({**TEAM, "load-balancer-attributes": "a=1"})
    other = annotated({**TEAM, "load-balancer-attributes": "a=2"}, "other", spec=spec)
    stack = compiled(CLASS, OTHER, params, one, other).stacks["team"]
    assert stack is not None
    assert stack.load_balancers[0].attributes == (("a", "3"),)


def test_class_subnets_and_annotated_subnets_conflict() -> None:
    params = "kind: IngressClassParams\nmetadata: {name: p}\nspec: {subnets: {tags: {Name: [private-a, private-b]}}}\n"
    spec = {"ingressClassName": "other", **paths(("/o", "Exact", "web:80"))}
    result = compiled(CLASS, OTHER, params, annotated(TEAM), annotated({**TEAM, "subnets": "private-a,private-b"}, "other", spec=spec))
    assert result.errors == ["LB161"]


def test_ports_of_members_join_and_protocols_must_agree() -> None:
    joined = two({}, SECURE).stacks["team"]
    assert joined is not None
    assert [(each.port, each.protocol) for each in joined.listeners] == [(80, "HTTP"), (443, "HTTPS")]
    assert two({"listen-ports": '[{"HTTP": 443}]'}, SECURE).errors == ["LB125"]


def test_an_empty_listen_entry_listens_nowhere() -> None:
    result = compiled(annotated({"listen-ports": "[{}]"}))
    assert result.stack.listeners == ()
    assert not result.errors


MANAGED = replace(CONFIG, gates={"EnableCertificateManagement": True})


def test_a_certificate_is_requested_for_all_hosts() -> None:
    spec = {**paths(("/", "Prefix", "web:80"), host="*.example.com"), "tls": [{"hosts": ["b.example.com"]}]}
    result = compiled(annotated({"create-acm-cert": "true", "tags": "a=b"}, spec=spec), config=MANAGED)
    found = result.stack.certificates[0]
    assert found.id.startswith("amazon_issued/wildcard.example.com-")
    assert (found.domain_name, found.subject_alternative_names, found.tags) == (
        "*.example.com", ("*.example.com", "b.example.com"), (("a", "b"),)
    )  # fmt: skip
    assert [(each.port, each.certificates) for each in result.stack.listeners] == [(443, (Ref("Certificate", found.id, "arn"),))]


def test_a_private_authority_and_what_prevents_a_request() -> None:
    private = compiled(annotated({"create-acm-cert": "true", "acm-pca-arn": "arn:ca"}), config=MANAGED).stack.certificates[0]
    assert (private.type, private.certificate_authority_arn, private.id[:8]) == ("PRIVATE", "arn:ca", "private/")
    assert compiled(annotated({"create-acm-cert": "true", **SECURE}), config=MANAGED).stack.certificates == ()
    assert compiled(annotated({"create-acm-cert": "false"}), config=MANAGED).stack.certificates == ()
    wrong = compiled(annotated({"create-acm-cert": "on"}), config=MANAGED)
    assert (wrong.stack.certificates, wrong.errors, wrong.codes) == ((), [], ["LB101"])
    assert compiled(annotated({"create-acm-cert": "true"})).codes == ["LB133"]
    spec = {"rules": [{"http": {"paths": paths(("/", "Prefix", "web:80"))["rules"][0]["http"]["paths"]}}]}
    assert compiled(annotated({"create-acm-cert": "true"}, spec=spec), config=MANAGED).errors == ["LB163"]


@pytest.mark.parametrize(
    ("annotations", "at"),
    [
        ({"ssl-policy": "ELBSecurityPolicy-2016-08"}, "ssl-policy"),
        ({"security-groups": "web-sg", "inbound-cidrs": "10.0.0.0/8"}, "inbound-cidrs"),
        ({"security-groups": "web-sg", "security-group-prefix-lists": "pl-1"}, "security-group-prefix-lists"),
        ({**SECURE, "mutual-authentication": '[{"port": 444, "mode": "off"}]'}, "mutual-authentication"),
        ({"manage-backend-security-group-rules": "maybe"}, "manage-backend-security-group-rules"),
        ({"frontend-nlb-scheme": "x"}, "frontend-nlb-scheme"),
        ({"actions.none": "{"}, "actions.none"),
        ({"target-type": "ip", "target-node-labels": "x"}, "target-node-labels"),
        ({"listener-attributes.HTTP-81": "x"}, "listener-attributes.HTTP-81"),
    ],
)
def test_annotations_without_effect_are_said_and_hurt_nobody(annotations: dict[str, str], at: str) -> None:
    result = compiled(annotated(annotations))
    assert result.at("LB133") == [f'metadata.annotations["alb.ingress.kubernetes.io/{at}"]']
    assert not result.errors


def test_annotations_of_services_are_looked_at_too() -> None:
    result = compiled(annotated({"scheme": "x", "helthcheck-path": "/", "tags": "a=b"}, "web", "Service"))
    assert result.at("LB132") == ['metadata.annotations["alb.ingress.kubernetes.io/scheme"]']
    assert result.at("LB131") == ['metadata.annotations["alb.ingress.kubernetes.io/helthcheck-path"]']
