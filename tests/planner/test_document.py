"""The JSON document of a stack, where recorded scenarios do not reach."""

from albatross.catalog.tracking import INGRESS
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener, MutualAuthentication
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.planner.document import document

ID = StackId(INGRESS, "", "team")
MUTUAL = MutualAuthentication(
    mode="verify", trust_store_arn="arn:t", ignore_client_certificate_expiry=False, advertise_trust_store_ca_names="on"
)


def test_certificates_and_their_references() -> None:
    certificate = Certificate(id="amazon_issued/a", type="AMAZON_ISSUED", domain_name="a", subject_alternative_names=("a",))
    listener = Listener(
        id="443",
        load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"),
        port=443,
        protocol="HTTPS",
        certificates=(Ref("Certificate", "amazon_issued/a", "arn"), "arn:c"),
        mutual_authentication=MUTUAL,
    )
    found = document(Stack(id=ID, certificates=(certificate,), listeners=(listener,)))["resources"]
    assert found["AWS::ACM::Certificate"]["amazon_issued/a"]["spec"] == {
        "type": "AMAZON_ISSUED",
        "domainName": "a",
        "subjectAlternativeNames": ["a"],
        "validationMethod": "DNS",
    }
    spec = found["AWS::ElasticLoadBalancingV2::Listener"]["443"]["spec"]
    assert spec["certificates"][0]["certificateARN"]["$ref"] == "#/resources/AWS::ACM::Certificate/amazon_issued/a/status/certificateARN"
    assert spec["certificates"][1]["certificateARN"]["$ref"] == "#/resources///status/certificateARN"
    assert "sslPolicy" not in spec
    assert spec["mutualAuthentication"] == {
        "mode": "verify",
        "trustStoreArn": "arn:t",
        "ignoreClientCertificateExpiry": False,
        "advertiseTrustStoreCaNames": "on",
    }


def test_a_mode_alone() -> None:
    listener = Listener(
        id="443",
        load_balancer=Ref("LoadBalancer", "a", "arn"),
        port=443,
        protocol="HTTPS",
        mutual_authentication=MutualAuthentication(mode="off"),
    )
    spec = document(Stack(id=ID, listeners=(listener,)))["resources"]["AWS::ElasticLoadBalancingV2::Listener"]["443"]["spec"]
    assert spec["mutualAuthentication"] == {"mode": "off"}


def test_addresses_as_a_source() -> None:
    rules = (NetworkingRule(cidr="10.0.0.0/8", protocol="UDP"),)
    binding = Binding(
        id="b",
        namespace="n",
        name="b",
        target_group="arn:g",
        target_type="ip",
        service="web",
        port=80,
        networking=rules,
        ip_address_type="ipv4",
    )
    found = document(Stack(id=ID, bindings=(binding,)))["resources"]["K8S::ElasticLoadBalancingV2::TargetGroupBinding"]["b"]
    assert found["spec"]["template"]["spec"]["networking"]["ingress"] == [
        {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"protocol": "UDP"}]}
    ]


def test_a_query_string_with_and_without_a_key() -> None:
    condition = Condition(field="query-string", query=(("page", "1"), (None, "all")))
    rule = Rule(id="80:1", listener=Ref("Listener", "80", "arn"), priority=1, actions=(), conditions=(condition,))
    spec = document(Stack(id=ID, rules=(rule,)))["resources"]["AWS::ElasticLoadBalancingV2::ListenerRule"]["80:1"]["spec"]
    values = [{"key": "page", "value": "1"}, {"value": "all"}]
    assert spec["conditions"] == [{"field": "query-string", "queryStringConfig": {"values": values}}]
