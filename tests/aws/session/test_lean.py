"""What is left out for each call changes no byte of a request."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiobotocore.session
import botocore.auth
import pytest
from aiobotocore.config import AioConfig
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession
from botocore.context import start_as_current_context
from botocore.useragent import register_feature_id

from albatross import __version__
from albatross.aws.session import lean
from albatross.aws.session.client import Session
from albatross.aws.session.transport import Settings
from albatross.model.config import Config

KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "aws_session_token": "c"}
SENT: dict[tuple[str, str], dict[str, Any]] = {
    ("elbv2", "create_rule"): {
        "ListenerArn": "arn:a",
        "Priority": 7,
        "Conditions": [{"Field": "path-pattern", "Values": ["/ä b+c&d=e/*", "~%20"]}],
        "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroupStickinessConfig": {"Enabled": False}}}],
    },
    ("elbv2", "describe_load_balancers"): {},
    ("ec2", "authorize_security_group_ingress"): {
        "GroupId": "sg-1",
        "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "a b"}]}],
    },
    ("ec2", "describe_security_groups"): {"Filters": [{"Name": "tag-key", "Values": ["a/b", "ü"]}]},
    ("acm", "list_certificates"): {"Includes": {"keyTypes": ["RSA_2048"]}},
    ("route53", "list_resource_record_sets"): {"HostedZoneId": "Z1"},
}
AGENT = "elbv2.k8s.aws"


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """One moment for all signatures."""
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: moment.replace(tzinfo=None))


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The requests that would be sent: nothing is."""
    found: list[Any] = []

    async def send(self: Any, request: Any) -> Any:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name.lower(): value for name, value in request.headers.items() if name.lower() != "amz-sdk-invocation-id"}
        found.append((request.method, request.url, {k: v.decode() if isinstance(v, bytes) else v for k, v in headers.items()}, body))
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(AIOHTTPSession, "send", send)
        yield found


async def plain(service: str, method: str, request: dict[str, Any]) -> None:
    """The call with a client of aiobotocore that nothing is left out of."""
    config = AioConfig(retries={"mode": "standard", "total_max_attempts": 1}, user_agent_extra=f"{AGENT}/{__version__}")
    async with aiobotocore.session.get_session().create_client(service, region_name="eu-west-1", config=config, **KEYS) as client:
        with pytest.raises(ConnectionError):
            await getattr(client, method)(**request)


async def test_requests_are_those_of_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    with recorded(monkeypatch) as theirs:
        for (service, method), request in SENT.items():
            await plain(service, method, request)
    with recorded(monkeypatch) as ours:
        async with Session(Config(cluster_name="c", region="eu-west-1"), settings=Settings(credentials=KEYS, attempts=1)) as session:
            for (service, method), request in SENT.items():
                client = await session._client(service)
                with pytest.raises(ConnectionError):
                    await getattr(client, method)(**request)
    assert ours == theirs


async def test_a_text_is_made_once_for_each_set_of_features() -> None:
    session = AioSession()
    made = lean.AgentText.from_environment().set_session_config("a", "1", "")
    assert "a/1" in made.to_string()
    made.set_session_config("b", "1", "")
    assert "b/1" in made.to_string()
    made = made.with_client_config(session.get_default_client_config())
    usual = made.to_string()
    assert made.to_string() is usual
    with start_as_current_context():
        register_feature_id("WAITER")
        assert "m/B" in made.to_string()
    assert made.to_string() is usual


@pytest.mark.parametrize(("proxy", "own"), [(None, False), ("http://127.0.0.1:9", True)])
def test_clients_share_what_they_trust(proxy: str | None, own: bool) -> None:
    """A proxy has a context of its own."""
    first, second = (lean.TrustingSession()._build_ssl_contexts(proxy) for _ in range(2))
    assert (first[0] is not second[0]) == own
    assert (first[1] is not None) == own
    unsafe = lean.TrustingSession(verify=False)._build_ssl_contexts(None)[0]
    assert unsafe.verify_mode != first[0].verify_mode
