"""`doctor`: the certificates of listeners."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.diagnose.evident import NOW, codes, evident, words

from albatross.diagnose import certificates
from albatross.diagnose.evidence import AwsEvidence


def certificate(**given: Any) -> dict[str, Any]:
    return {"CertificateArn": HERE, "DomainName": "www.example.com", "Status": "ISSUED", "Type": "AMAZON_ISSUED", **given}


HERE = "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"
SOON = datetime.fromtimestamp(NOW + 5 * 86400, UTC)


@pytest.mark.parametrize(
    ("arn", "given", "code", "said"),
    [
        (HERE, certificate(), [], ""),
        (HERE, certificate(NotAfter=SOON, InUseBy=["x"]), [], ""),
        (HERE, certificate(NotAfter=SOON, Type="IMPORTED"), ["LB661"], "it was imported"),
        (HERE, certificate(NotAfter=SOON.isoformat()), ["LB661"], "nobody uses it"),
        (HERE, certificate(Status="PENDING_VALIDATION"), ["LB660"], "its status is PENDING_VALIDATION"),
        (HERE, certificate(KeyAlgorithm="EC_secp999"), ["LB660"], "load balancers do not support its key"),
        (HERE, certificate(KeyAlgorithm="RSA-2048"), [], ""),
        (HERE.replace("/1", "/2"), certificate(), ["LB660"], "it does not exist"),
        (HERE.replace("ap-northeast-2", "us-east-1"), certificate(), ["LB660"], "it is in Region us-east-1"),
        ("arn:aws:iam::123456789012:server-certificate/x", certificate(), [], ""),
    ],
)
def test_certificates(arn: str, given: dict[str, Any], code: list[str], said: str) -> None:
    named = f"kind: Ingress\nmetadata: {{name: app, namespace: shop, annotations: {{alb.ingress.kubernetes.io/certificate-arn: '{arn}'}}}}"
    evidence = evident(named, aws=AwsEvidence(certificates=(given,)))
    found = list(certificates.check(evidence))
    assert codes(found) == code
    assert all(said in words(each)["reason"] for each in found)
    assert certificates.remark(evidence) == "1 certificates are named by annotations, 1 exist in ACM"


def test_hosts_that_no_certificate_covers() -> None:
    named = f"kind: Ingress\nmetadata: {{name: app, namespace: shop, annotations: {{alb.ingress.kubernetes.io/certificate-arn: '{HERE}'}}}}"
    other = certificate(SubjectAlternativeNames=["api.example.com"])
    (found,) = certificates.check(evident(named, aws=AwsEvidence(certificates=(other,))))
    assert (found.problem.code, words(found)["host"]) == ("LB659", "www.example.com")
    wide = certificate(SubjectAlternativeNames=["*.example.com"])
    assert not list(certificates.check(evident(named, aws=AwsEvidence(certificates=(wide,)))))
