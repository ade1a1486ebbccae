"""Listeners and their certificates."""

import urllib.request
from pathlib import Path
from typing import Any

import pytest

Account = Any
pytestmark = pytest.mark.xdist_group("sandbox-aws")  # one account serves them all
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


@pytest.fixture
def lb(account: Account) -> Any:
    return account.load_balancer()


def https(account: Account, lb: Any, **more: Any) -> Any:
    given = {"Port": 443, "Protocol": "HTTPS", "Certificates": [{"CertificateArn": account.certificate}], **more}
    return account.listener(lb, **given)


def test_one_listener_a_port(account: Account, lb: Any) -> None:
    first = account.listener(lb)
    assert account.listener(lb)["ListenerArn"] == first["ListenerArn"]
    assert account.code(account.listener, lb=lb, DefaultActions=[FIXED]) == "DuplicateListener"


def test_https_defaults(account: Account, lb: Any) -> None:
    made = https(account, lb)
    assert made["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    assert made["MutualAuthentication"] == {"Mode": "off"}
    assert made["Certificates"] == [{"CertificateArn": account.certificate}]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"Protocol": "TCP"}, "ValidationError"),
        ({"Protocol": "HTTPS"}, "ValidationError"),
        (
            {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/x"}]},
            "CertificateNotFound",
        ),
        ({"SslPolicy": "ELBSecurityPolicy-2016-08"}, "ValidationError"),
        ({"Port": 70000}, "ValidationError"),
        ({"LoadBalancerArn": "arn:aws:elasticloadbalancing:ap-northeast-2:1:loadbalancer/app/x/1"}, "LoadBalancerNotFound"),
        ({"DefaultActions": []}, "ValidationError"),
    ],
)
def test_refuses(account: Account, lb: Any, given: dict[str, Any], wanted: str) -> None:
    assert account.code(account.listener, lb=lb, **given) == wanted


def test_unknown_policy_is_refused(account: Account, lb: Any) -> None:
    assert account.code(https, account=account, lb=lb, SslPolicy="ELBSecurityPolicy-Nonsense") == "SSLPolicyNotFound"


def test_certificate_that_is_not_issued_is_refused(account: Account, lb: Any) -> None:
    arn = account.client("acm").request_certificate(DomainName="pending.example.com", ValidationMethod="DNS")["CertificateArn"]
    assert account.code(https, account=account, lb=lb, Certificates=[{"CertificateArn": arn}]) == "UnsupportedCertificate"
    account.client("acm").delete_certificate(CertificateArn=arn)


def test_certificate_is_issued_once_its_records_stand(account: Account) -> None:
    acm, zone = account.client("acm"), account.ready["hosted_zone_id"]
    arn = acm.request_certificate(DomainName="issued.example.com", ValidationMethod="DNS")["CertificateArn"]
    told = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert told["Status"] == "PENDING_VALIDATION"
    record = told["DomainValidationOptions"][0]["ResourceRecord"]
    row = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": row}]}
    account.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "ISSUED"
    assert "PRIVATE KEY" in account.control(f"keys/{arn}")["private_key"]
    acm.delete_certificate(CertificateArn=arn)


def test_certificate_in_use_stays(account: Account, lb: Any) -> None:
    https(account, lb)
    acm = account.client("acm")
    assert lb["LoadBalancerArn"] in acm.describe_certificate(CertificateArn=account.certificate)["Certificate"]["InUseBy"]
    assert account.code(acm.delete_certificate, CertificateArn=account.certificate) == "ResourceInUseException"


def test_sni_certificates_stand_beside_the_default(account: Account, lb: Any) -> None:
    arn = https(account, lb)["ListenerArn"]
    other = account.ready["certificates"][1]["arn"]
    account.elb.add_listener_certificates(ListenerArn=arn, Certificates=[{"CertificateArn": other}])
    rows = account.elb.describe_listener_certificates(ListenerArn=arn)["Certificates"]
    assert [(row["CertificateArn"], row["IsDefault"]) for row in rows] == [(account.certificate, True), (other, False)]
    account.elb.remove_listener_certificates(ListenerArn=arn, Certificates=[{"CertificateArn": other}])
    assert len(account.elb.describe_listener_certificates(ListenerArn=arn)["Certificates"]) == 1
    default = [{"CertificateArn": account.certificate}]
    assert account.code(account.elb.remove_listener_certificates, ListenerArn=arn, Certificates=default) == "OperationNotPermitted"


def test_default_certificate_may_be_an_extra_too(account: Account, lb: Any) -> None:
    arn = https(account, lb)["ListenerArn"]
    account.elb.add_listener_certificates(ListenerArn=arn, Certificates=[{"CertificateArn": account.certificate}])
    rows = account.elb.describe_listener_certificates(ListenerArn=arn)["Certificates"]
    assert [row["IsDefault"] for row in rows] == [True, False]


def test_quota_of_certificates(account: Account, lb: Any) -> None:
    arn = https(account, lb)["ListenerArn"]
    account.control("limits", {"quotas": {"certificates-per-application-load-balancer": 0}})
    other = [{"CertificateArn": account.ready["certificates"][1]["arn"]}]
    assert account.code(account.elb.add_listener_certificates, ListenerArn=arn, Certificates=other) == "TooManyCertificates"


def test_modify_keeps_what_is_not_given(account: Account, lb: Any) -> None:
    arn = https(account, lb)["ListenerArn"]
    made = account.elb.modify_listener(ListenerArn=arn, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")["Listeners"][0]
    assert (made["SslPolicy"], made["Port"], made["Protocol"]) == ("ELBSecurityPolicy-TLS13-1-2-2021-06", 443, "HTTPS")
    assert made["Certificates"] == [{"CertificateArn": account.certificate}]
    changed = account.elb.modify_listener(ListenerArn=arn, Protocol="HTTP", Port=80)["Listeners"][0]
    assert "SslPolicy" not in changed
    account.listener(lb, Port=81)
    assert account.code(account.elb.modify_listener, ListenerArn=arn, Port=81) == "DuplicateListener"


def test_mutual_authentication_as_aws_answers_it(account: Account, lb: Any) -> None:
    elb, name = account.elb, account.name("ts")
    s3, pem = account.client("s3"), Path(account.ready["ca"]).read_bytes()
    s3.create_bucket(Bucket="trust", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
    s3.put_object(Bucket="trust", Key="some/ca.pem", Body=pem)
    bundle = {"CaCertificatesBundleS3Bucket": "trust", "CaCertificatesBundleS3Key": "some/ca.pem"}
    missing = {**bundle, "CaCertificatesBundleS3Key": "other.pem"}
    assert account.code(elb.create_trust_store, Name=name, **missing) == "CaCertificatesBundleNotFound"
    store = elb.create_trust_store(Name=name, **bundle)["TrustStores"][0]["TrustStoreArn"]
    arn = https(account, lb, MutualAuthentication={"Mode": "verify", "TrustStoreArn": store})["ListenerArn"]
    told = elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]["MutualAuthentication"]
    assert told == {
        "Mode": "verify",
        "TrustStoreArn": store,
        "IgnoreClientCertificateExpiry": False,
        "TrustStoreAssociationStatus": "active",
        "AdvertiseTrustStoreCaNames": "off",
    }
    assert account.code(elb.delete_trust_store, TrustStoreArn=store) == "TrustStoreInUse"
    passed = elb.modify_listener(ListenerArn=arn, MutualAuthentication={"Mode": "passthrough", "TrustStoreArn": ""})["Listeners"][0]
    assert passed["MutualAuthentication"] == {"Mode": "passthrough"}
    wanted = {"Mode": "verify", "TrustStoreArn": store + "x"}
    assert account.code(elb.modify_listener, ListenerArn=arn, MutualAuthentication=wanted) == "TrustStoreNotFound"
    assert elb.describe_trust_stores(Names=[name])["TrustStores"][0]["NumberOfCaCertificates"] == 1
    where = elb.get_trust_store_ca_certificates_bundle(TrustStoreArn=store)["Location"]
    with urllib.request.urlopen(where) as answer:
        assert answer.read() == pem
    elb.delete_trust_store(TrustStoreArn=store)


def test_network_listeners(account: Account) -> None:
    lb, group = account.load_balancer(Type="network"), account.target_group(Protocol="TCP")["TargetGroupArn"]
    action = [{"Type": "forward", "TargetGroupArn": group}]
    assert account.code(account.listener, lb=lb, Protocol="TCP") == "InvalidLoadBalancerAction"
    assert account.code(account.listener, lb=lb, Protocol="UDP", DefaultActions=action) == "IncompatibleProtocols"
    made = account.listener(
        lb,
        Port=443,
        Protocol="TLS",
        DefaultActions=action,
        Certificates=[{"CertificateArn": account.certificate}],
        AlpnPolicy=["HTTP2Preferred"],
    )
    assert made["AlpnPolicy"] == ["HTTP2Preferred"]
    assert "MutualAuthentication" not in made


def test_a_group_belongs_to_one_balancer(account: Account, lb: Any) -> None:
    action = [{"Type": "forward", "TargetGroupArn": account.target_group()["TargetGroupArn"]}]
    account.listener(lb, DefaultActions=action)
    account.listener(lb, Port=81, DefaultActions=action)
    assert account.code(account.listener, DefaultActions=action) == "TargetGroupAssociationLimit"


def test_group_of_another_protocol_is_refused(account: Account, lb: Any) -> None:
    action = [{"Type": "forward", "TargetGroupArn": account.target_group(Protocol="TCP")["TargetGroupArn"]}]
    assert account.code(account.listener, lb=lb, DefaultActions=action) == "IncompatibleProtocols"


def test_ssl_policies_are_told(account: Account) -> None:
    told = account.elb.describe_ssl_policies(Names=["ELBSecurityPolicy-TLS13-1-3-2021-06"])["SslPolicies"][0]
    assert told["SslProtocols"] == ["TLSv1.3"]
    assert account.code(account.elb.describe_ssl_policies, Names=["x"]) == "SSLPolicyNotFound"
