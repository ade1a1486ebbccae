"""What a new leader believes of the leader before it."""

from dataclasses import replace

import pytest
from tests.world import CONFIG

from albatross.catalog.tracking import INGRESS
from albatross.controller.digests import DIGESTS, HEADER, LEADER, SIZE, Digests, described, header
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.action import AuthenticateOidc
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import BACKEND, Ref
from albatross.model.resources.stack import Stack, StackId

APP = Ident("Ingress", "shop", "app")
OIDC = AuthenticateOidc(
    issuer="https://login.example.com",
    authorization_endpoint="https://login.example.com/a",
    token_endpoint="https://login.example.com/t",
    user_info_endpoint="https://login.example.com/u",
    client_id="id",
    client_secret="hush",
    on_unauthenticated_request="deny",
    scope="openid",
    session_cookie_name="c",
    session_timeout=1,
)


def left(**desired: str) -> Digests:
    """The digests of leader 8, as leader 9 reads them."""
    before, after = Digests("settings"), Digests("settings")
    for name, text in desired.items():
        before.note(name, text)
    after.read(before.text(8), 9)
    return after


def stack(**changed: object) -> Stack:
    balancer = LoadBalancer(
        id="LoadBalancer",
        name="k8s-app",
        type="application",
        scheme="internal",
        ip_address_type="ipv4",
        subnet_mappings=(),
        security_groups=(BACKEND,),
    )
    return replace(Stack(id=StackId(INGRESS, "shop", "app"), load_balancers=(balancer,)), **changed)  # type: ignore[arg-type]


def test_what_is_desired_as_before_is_accepted_once() -> None:
    found = left(a="x", b="y")
    assert found.holds("a", "x")
    assert not found.holds("a", "x"), "the next pass compares it"
    assert not found.holds("b", "changed")
    assert not found.holds("c", "x"), "the digest of a is not that of c"
    assert not left(a="x").holds("a", None)


def test_what_had_a_pass_is_not_accepted_any_more() -> None:
    found = left(a="x")
    assert found.open("a")
    found.note("a", None)
    assert not found.open("a")
    assert not found.holds("a", "x")


def test_nothing_is_open_without_digests() -> None:
    assert not Digests("settings").open("a")


def test_what_is_made_again_is_not_accepted() -> None:
    found = left(a="x")
    found.note("a", None)  # it was deleted
    assert not found.holds("a", "x")
    found.close()
    assert not found.holds("a", "x")


def test_nothing_stays_in_memory_of_what_does_not_exist_any_more() -> None:
    found = left(a="x")
    for name in ("a", "b", "c"):
        found.note(name, "x")
        found.note(name, None)
    found.close()
    found.note("d", "x")
    found.note("d", None)
    assert (found.known, found._asked) == ({}, set())


def test_a_digest_can_wait_until_it_is_needed() -> None:
    found = Digests("settings")
    found.note("a", "before")
    found.postpone("a", lambda: "x")
    assert found.known == {}
    asked = dict(found.pending)
    found.postpone("b", lambda: "y")
    found.settle({"a": "x"}, asked)
    assert (found.text(8), list(found.pending)) == (left_text(a="x"), ["b"])


def test_what_changed_while_its_digest_was_made_is_not_kept() -> None:
    found = Digests("settings")
    found.postpone("a", lambda: "x")
    asked = dict(found.pending)
    found.postpone("a", lambda: "y")
    found.settle({"a": "x"}, asked)
    assert found.known == {}
    found.note("a", None)
    found.settle({"a": "y"}, {"a": lambda: "y"})
    assert (found.known, found.pending) == ({}, {})
    found.postpone("a", lambda: "x")
    found.forget()
    assert (found.known, found.pending) == ({}, {})


def test_only_what_this_leader_compared_is_kept() -> None:
    found = left(a="x", b="y")
    assert found.holds("a", "x")
    assert found.text(9)[DIGESTS] == ""
    found.note("a", "x")
    assert found.text(9) == {**left_text(a="x"), LEADER: "9"}
    found.note("a", None)
    assert found.text(9)[DIGESTS] == ""


def left_text(**desired: str) -> dict[str, str]:
    before = Digests("settings")
    for name, text in desired.items():
        before.note(name, text)
    return dict(before.text(8))


@pytest.mark.parametrize(
    ("changed", "leader"),
    [({}, 10), ({}, 8), ({HEADER: "other settings"}, 9), ({DIGESTS: "not base64!"}, 9), ({LEADER: ""}, 9), ({DIGESTS: ""}, 9)],
    ids=["another led in between", "it is our own number", "other settings", "not base64", "no leader", "empty"],
)
def test_anything_else_is_ignored(changed: dict[str, str], leader: int) -> None:
    found = Digests("settings")
    found.read({**left_text(a="x"), **changed}, leader)
    assert not found.holds("a", "x")


def test_digests_are_small() -> None:
    many = Digests()
    for number in range(1000):
        many.note(str(number), "x" * 10_000)
    assert len(many.text(1)[DIGESTS]) == 1000 * SIZE * 4 / 3


def test_settings_and_version_decide_what_is_believed() -> None:
    same = Config(cluster_name="c", default_tags={"b": "2", "a": "1"}, external_managed_tags=frozenset({"x", "y"}))
    assert header(same, "1") == header(replace(same, default_tags={"a": "1", "b": "2"}), "1")
    assert header(same, "1") != header(same, "2")
    assert header(same, "1") != header(replace(same, default_ssl_policy="other"), "1")
    assert header(same, "1") != header(replace(same, external_managed_tags=frozenset({"x"})), "1")
    assert len(header(CONFIG, "1")) == 32


def test_a_stack_differs_with_its_resources_and_its_members() -> None:
    text = described(stack(), [APP])
    assert text == described(stack(), [APP])
    assert text != described(stack(), [APP, replace(APP, name="two")])
    assert text != described(stack(load_balancers=()), [APP])


def test_a_shared_group_has_its_id_before_and_after_it_is_known() -> None:
    balancer = stack().load_balancers[0]
    known = stack(load_balancers=(replace(balancer, security_groups=("sg-1",)),))
    assert described(stack(), [APP], "sg-1") == described(known, [APP])
    assert described(stack(), [APP]) != described(known, [APP])


def test_no_digest_of_a_secret_is_kept() -> None:
    listener = Listener(
        id="443", load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"), port=443, protocol="HTTPS", default_actions=(OIDC,)
    )
    assert described(stack(listeners=(listener,)), [APP]) is None
