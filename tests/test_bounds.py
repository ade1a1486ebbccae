"""No value of an annotation, however strange, is an exception: each is used, or a problem."""

import pytest
from tests.world import annotated, compiled

from albatross import frontend
from albatross.catalog import kinds
from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.form.listener import MOST, listen_ports
from albatross.catalog.texts import texts

STRANGE = {
    "empty": "",
    "a control character": '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"200","messageBody":"a\u0001b"}}',
    "a list nested deep": "[" * 990 + "]" * 990,
    "an object nested deep": '{"a":' * 2000 + "1" + "}" * 2000,
    "a number without end": "[" + "9" * 5000 + "]",
    "half a character": '"\\ud800"',
    "no number": "[NaN, Infinity, -Infinity, 1e999]",
    "null": "null",
    "a key twice": '{"type": "forward", "type": "redirect"}',
    "a long word": "x" * 5000,
    "many parts": "," * 1000,
}


@pytest.mark.parametrize("name", sorted({row.example_name for row in ANNOTATIONS.values() if row.prefix.startswith("alb.")}))
def test_strange_values_are_no_exceptions(name: str) -> None:
    for value in STRANGE.values():
        compiled(annotated({name: value}))


@pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE)
def test_what_an_object_mentions_is_found_in_strange_values_too(value: str) -> None:
    for kind, key in (("Ingress", "alb.ingress.kubernetes.io/actions.web"), ("Service", "service.beta.kubernetes.io/actions.TCP-80")):
        group = {"Ingress": "networking.k8s.io/v1", "Service": "v1"}[kind]
        metadata = {"namespace": "shop", "name": "web", "annotations": {key: value}}
        noun = kinds.parse({"apiVersion": group, "kind": kind, "metadata": metadata, "spec": {}})
        for each in frontend.ALL:
            each.mentions(noun)


def test_texts_have_the_key_above_them() -> None:
    written = '{"a": "1", "b": ["2", {"c": "3"}], "d": {"e": [["4"]]}, "f": 5}'
    assert list(texts(written)) == [("a", "1"), ("b", "2"), ("c", "3"), ("e", "4")]
    assert list(texts("[")) == []


def test_ports_without_end_are_refused_before_they_are_built() -> None:
    def written(last: int) -> str:
        return "[" + ",".join(f'{{"HTTP": {port}}}' for port in range(1, last + 1)) + "]"

    assert compiled(annotated({"listen-ports": written(2 * MOST)})).errors == ["LB188"]
    assert len(listen_ports(written(MOST)).value or ()) == MOST
