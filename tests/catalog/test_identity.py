"""Identities by their ARN, and by the source of their credentials."""

from typing import Any

import pytest

from albatross.catalog.identity import ANNOTATION, WORDS, Kind, Principal, classify, leader, written

SESSION = "arn:aws:sts::123456789012:assumed-role/lb/"
AGENT = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"}
TASK = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/v2/x"}


@pytest.mark.parametrize(
    ("arn", "method", "environ", "kind"),
    [
        (f"{SESSION}botocore-session-1", "assume-role-with-web-identity", {}, "irsa"),
        (f"{SESSION}any", "container-role", AGENT, "pod-identity"),
        (f"{SESSION}any", "container-role", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://[fd00:ec2::23]/v1/credentials"}, "pod-identity"),
        (f"{SESSION}eks-prod-lb-0-1234", "container-role", {}, "pod-identity"),
        (f"{SESSION}any", "container-role", TASK, "container"),
        (f"{SESSION}i-0123456789abcdef0", "iam-role", {}, "node"),
        (f"{SESSION}i-0123456789abcdef0", "", {}, "node"),
        (f"{SESSION}me", "sso", {}, "profile"),
        ("arn:aws:iam::123456789012:user/me", "env", {}, "static"),
        ("arn:aws:iam::123456789012:user/me", "explicit", {}, "static"),
        ("arn:aws:iam::123456789012:user/me", "shared-credentials-file", {}, "profile"),
        ("arn:aws:iam::123456789012:root", "unheard", {}, "other"),
    ],
)
def test_kinds(arn: str, method: str, environ: dict[str, str], kind: Kind) -> None:
    found = classify(arn, "123456789012", method, environ)
    assert found.kind == kind
    assert found.words == f"{arn} ({WORDS[kind]})"


def test_the_role_of_a_session() -> None:
    assert classify(f"{SESSION}x", "", "", {}).role == "lb"
    assert classify("arn:aws:iam::123456789012:user/me", "", "", {}).role == ""


OURS = Principal(kind="irsa", arn=f"{SESSION}x", account="123456789012")


def lease(text: str | None, holder: str = "me") -> dict[str, Any]:
    return {"metadata": {"annotations": {ANNOTATION: text}} if text is not None else {}, "spec": {"holderIdentity": holder}}


def test_the_leader_is_read_from_its_lease() -> None:
    assert leader(lease(written(OURS, "me"))) == OURS


@pytest.mark.parametrize(
    "found",
    [
        lease(written(OURS, "me"), "another controller"),
        lease(written(OURS, ""), ""),
        lease(None),
        lease("{"),
        lease("[]"),
        lease('{"holder": "me"}'),
        lease('{"holder": "me", "kind": "unheard", "arn": "", "account": ""}'),
        {"metadata": {}},
    ],
)
def test_another_holder_or_another_text_says_nothing(found: dict[str, Any]) -> None:
    assert leader(found) is None
