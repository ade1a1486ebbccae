"""What was meant, and when that is not certain."""

import pytest

from albatross.catalog.fixes import FIXES, Rewrite, Spot, meant
from albatross.catalog.problems import PROBLEMS
from albatross.model.problem import NO_HINT, Hint, Origin, Problem

PREFIX = "alb.ingress.kubernetes.io/"


def known(*words: str) -> Hint:
    return Hint(known=words)


def rewrite(
    code: str, name: str, there: object, /, pointer: str = "", beside: dict[str, str] | None = None, hint: Hint = NO_HINT, **args: str
) -> Rewrite | None:
    origin = Origin("Ingress", "shop", "app", f'metadata.annotations["{PREFIX}{name}"]' if name else "spec.x", pointer)
    annotations = {PREFIX + key: text for key, text in (beside or {}).items()}
    spot = Spot(Problem(code, origin, tuple(sorted(args.items())), hint=hint), there, {"metadata": {"annotations": annotations}})
    return FIXES[code].rewrite(spot)


@pytest.mark.parametrize(
    ("word", "choices", "found"),
    [
        ("target-typ", ["target-type", "tags"], "target-type"),
        ("Group_Name", ["group.name", "group.order"], "group.name"),
        ("healthcheck-pat", ["healthcheck-path", "healthcheck-port"], ""),
        ("tag", ["tags"], "tags"),
        ("x", ["y"], ""),
        ("anything", [], ""),
        ("a-b", ["ab", "a.b"], ""),
    ],
)
def test_meant(word: str, choices: list[str], found: str) -> None:
    assert meant(word, choices) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("action.web", "actions.web"),
        ("Actions.web", "actions.web"),
        ("listener-attribute.HTTP-80", "listener-attributes.HTTP-80"),
        ("healthcheck-interval", ""),
        ("waf-acl-idd", ""),
        ("dry-run-plans", ""),
        ("actions.", ""),
    ],
)
def test_names(name: str, found: str) -> None:
    value = "{}" if "attribute" not in name else "a=b"
    value = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503"}}' if "ction" in name else value
    assert rewrite("LB131", name, value) == (Rewrite("key", PREFIX + found) if found else None)


def test_a_name_that_is_there_already() -> None:
    assert rewrite("LB131", "sceme", "internal") == Rewrite("key", PREFIX + "scheme")
    assert rewrite("LB131", "sceme", "internal", beside={"scheme": "internal"}) is None


UNSURE = [
    rewrite("LB101", "shield-advanced-protection", "maybe"),
    rewrite("LB102", "healthcheck-interval-seconds", "1m"),
    rewrite("LB102", "healthy-threshold-count", "3s"),
    rewrite(
        "LB104",
        "scheme",
        "public",
        value="public",
        hint=known("internal", "internet-facing"),
    ),
    rewrite("LB104", "frontend-nlb-attributes", "a=B", value="B", hint=known("b")),
    rewrite("LB105", "inbound-cidrs", "10.0.0.0", value="10.0.0.0"),
    rewrite("LB105", "inbound-cidrs", "office", value="office"),
    rewrite("LB105", "", ["10.0.0.1"], value="10.0.0.1"),
    rewrite("LB107", "tags", "a=1,a"),
    rewrite("LB108", "listen-ports", "[HTTP:80"),
    rewrite("LB109", "listen-ports", '[{"HTTP": "http"}]', "/0/HTTP", hint=Hint("integer")),
    rewrite("LB109", "listen-ports", '[{"HTTP": "080"}]', "/0/HTTP", hint=Hint("integer")),
    rewrite("LB109", "actions.web", '{"type": true}', "/type", hint=Hint("text")),
    rewrite("LB109", "conditions.web", '[{"values": "a,b"}]', "/0/values", hint=Hint("list")),
    rewrite("LB109", "conditions.web", '[{"values": "a", "values": "b"}]', "/0/values", hint=Hint("list")),
    rewrite("LB109", "conditions.web", "[1]", "/7", hint=Hint("text")),
    rewrite("LB110", "actions.web", '{"typ": 1, "type": 2}', "/typ", key="typ", hint=known("type")),
    rewrite("LB110", "actions.web", '{"x": 1}', "/x", key="x", hint=known("type")),
    rewrite("LB112", "actions.web", '{"type": "x"}', value="x", hint=known("forward")),
    rewrite("LB112", "actions.web", '{"other": "Forward"}', value="Forward", hint=known("forward")),
    rewrite("LB112", "actions.web", "nothing", value="Forward", hint=known("forward")),
    rewrite("LB142", "", "/a*"),
    rewrite("LB142", "", "/*/b/*"),
    rewrite("LB144", "", "Regex"),
    rewrite("LB194", "", ["x"], hint=Hint("text")),
    rewrite("LB194", "scheme", True, hint=Hint("list")),
]


@pytest.mark.parametrize("found", UNSURE)
def test_what_is_not_certain_is_left_alone(found: Rewrite | None) -> None:
    assert found is None


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (
            rewrite("LB105", "inbound-cidrs", "10.0.0.0/8, 10.0.0.7", value="10.0.0.7"),
            Rewrite("value", "10.0.0.0/8, 10.0.0.7/32"),
        ),
        (rewrite("LB105", "inbound-cidrs", "fd00::7", value="fd00::7"), Rewrite("value", "fd00::7/128")),
        (rewrite("LB108", "actions.web", "{'a': 'it\\'s'}"), Rewrite("value", '{"a": "it\'s"}')),
        (rewrite("LB108", "listen-ports", "[{HTTP: 80},]"), Rewrite("value", '[{"HTTP": 80}]')),
        (
            rewrite("LB109", "actions.web", '{"statusCode": 503}', "/statusCode", hint=Hint("text")),
            Rewrite("json", '"503"', "/statusCode"),
        ),
        (rewrite("LB109", "listen-ports", '{"HTTP": 80}', hint=Hint("list")), Rewrite("list", "", "")),
        (rewrite("LB110", "actions.web", '{"typ": 1}', "/typ", key="typ", hint=known("type")), Rewrite("field", '"type"', "/typ")),
        (
            rewrite(
                "LB112",
                "x",
                '["OFF"]',
                "/0",
                value="OFF",
                hint=known("off", "on"),
            ),
            Rewrite("json", '"off"', "/0"),
        ),
        (
            rewrite("LB112", "x", '[{"HTTP": 1}]', "/0/HTTP", value="HTTP", hint=known("http")),
            Rewrite("field", '"http"', "/0/HTTP"),
        ),
    ],
)
def test_what_is_certain(found: Rewrite | None, wanted: Rewrite) -> None:
    assert found == wanted


def test_strict_paths_are_fixed_too() -> None:
    assert rewrite("LB142", "", "/a/*") == Rewrite("value", "/a")


def test_booleans_and_nested_fields_of_json() -> None:
    assert rewrite("LB109", "x", '{"a": "True"}', "/a", hint=Hint("boolean")) == Rewrite("json", "true", "/a")
    assert rewrite(
        "LB112",
        "x",
        '{"a": {"Mode": "OFF"}}',
        "/a/Mode",
        value="OFF",
        hint=known("off", "on"),
    ) == Rewrite("json", '"off"', "/a/Mode")
    assert rewrite("LB109", "x", '{"a/b": ["1"]}', "/a~1b/0", hint=Hint("integer")) == Rewrite("json", "1", "/a~1b/0")


def test_every_row_fixes_a_problem_that_exists() -> None:
    assert all(code in PROBLEMS and fix.code == code and fix.about for code, fix in FIXES.items())


def test_no_text_decides() -> None:
    found = [
        rewrite("LB109", "x", '["1"]', "/0", hint=Hint("integer"), expected="other words"),
        rewrite("LB109", "x", '["1"]', "/0"),
    ]
    assert found == [Rewrite("json", "1", "/0"), None]
