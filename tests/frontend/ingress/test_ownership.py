"""Which Ingress is ours."""

from dataclasses import replace

import pytest
from tests.world import CONFIG, Result, annotated, compiled, objects

from albatross.catalog import kinds
from albatross.model.config import Config

ANY = "kind: Ingress\nmetadata: {name: app}\nspec: {ingressClassName: null}\n"


def classed(name: str) -> str:
    annotations = f"{{kubernetes.io/ingress.class: '{name}'}}"
    return f"kind: Ingress\nmetadata: {{name: app, annotations: {annotations}}}\nspec: {{ingressClassName: ghost}}\n"


def named(name: str) -> str:
    return f"kind: Ingress\nmetadata: {{name: app}}\nspec: {{ingressClassName: {name}}}\n"


def default(name: str, controller: str = "ingress.k8s.aws/alb") -> str:
    return (
        f"kind: IngressClass\nmetadata: {{name: {name}, annotations: {{ingressclass.kubernetes.io/is-default-class: 'true'}}}}\n"
        f"spec: {{controller: {controller}}}\n"
    )


def ours(*patches: str, flag: str = "alb") -> bool:
    return "shop/app" in compiled(*patches, config=replace(CONFIG, ingress_class=flag)).stacks


@pytest.mark.parametrize(
    ("flag", "name", "wanted"),
    [
        ("alb", "alb", True),
        ("alb", "nginx", False),
        ("foo", "alb", False),
        ("foo", "foo", True),
        ("", "alb", True),
        ("", "", True),
        ("", "x", False),
    ],
)
def test_the_annotation_decides_alone(flag: str, name: str, wanted: bool) -> None:
    assert ours(classed(name), flag=flag) is wanted


def test_the_class_decides_by_its_controller() -> None:
    assert ours(named("alb"), flag="foo")
    assert not ours(named("alb"), "kind: IngressClass\nmetadata: {name: alb}\nspec: {controller: other}\n")


def test_without_a_class() -> None:
    assert not ours(ANY)
    assert ours(ANY, flag="")
    assert ours(ANY, default("alb"))
    assert not ours(ANY, default("nginx", "other"))
    assert compiled(ANY, default("alb"), default("nginx")).errors == ["LB205"]


def few(*patches: str, without: str = "IngressClass", complete: bool = False) -> Result:
    """A few files of a cluster, without one kind."""
    return Result(kinds.snapshot([each for each in objects(*patches) if each["kind"] != without], complete=complete))


def test_in_a_few_files_the_class_may_be_elsewhere() -> None:
    assert few().stacks.keys() == {"shop/app"}
    assert few(complete=True).errors == ["LB201"]
    assert few(named("other")).stacks.keys() == set()
    assert few(named("other"), annotated({"scheme": "internal"})).stacks.keys() == {"shop/app"}


def test_in_a_few_files_params_and_namespaces_may_be_elsewhere() -> None:
    owner = "kind: IngressClass\nmetadata: {name: alb}\nspec: {parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}}\n"
    params = "kind: IngressClassParams\nmetadata: {name: p}\nspec: {namespaceSelector: {matchLabels: {a: b}}}\n"
    assert few(owner, without="").stacks.keys() == {"shop/app"}
    assert few(owner, params, without="Namespace").stacks.keys() == {"shop/app"}
    assert few(owner, params, without="Namespace", complete=True).errors == ["LB204"]


def with_params(selector: str, labels: str = "{team: shop}", config: Config = CONFIG) -> Result:
    return compiled(
        "kind: IngressClass\nmetadata: {name: alb}\nspec: {parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}}\n",
        f"kind: IngressClassParams\nmetadata: {{name: p}}\nspec: {{namespaceSelector: {selector}}}\n",
        f"kind: Namespace\nmetadata: {{name: shop, labels: {labels}}}\n",
        config=config,
    )


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("{}", True),
        ("{matchLabels: {team: shop}}", True),
        ("{matchLabels: {team: other}}", False),
        ("{matchExpressions: [{key: team, operator: In, values: [shop]}]}", True),
        ("{matchExpressions: [{key: team, operator: In, values: [x]}]}", False),
        ("{matchExpressions: [{key: team, operator: NotIn, values: [x]}]}", True),
        ("{matchExpressions: [{key: team, operator: NotIn, values: [shop]}]}", False),
        ("{matchExpressions: [{key: team, operator: Exists}]}", True),
        ("{matchExpressions: [{key: team, operator: DoesNotExist}]}", False),
        ("{matchExpressions: [{key: team, operator: In}]}", False),
        ("{matchExpressions: [{key: team, operator: Exists, values: [x]}]}", False),
        ("{matchExpressions: [{key: team, operator: Like}]}", False),
    ],
)
def test_namespace_selector(selector: str, wanted: bool) -> None:
    assert with_params(selector).errors == ([] if wanted else ["LB204"])


MEANT = "kind: Ingress\nmetadata: {name: app, annotations: {%s: '%s', alb.ingress.kubernetes.io/scheme: internal}}\n"


@pytest.mark.parametrize(
    ("name", "found"), [("abl", ["LB757"]), ("ALB", ["LB757"]), ("alb2", []), ("alb-internal", []), ("nginx", []), ("ablb", ["LB757"])]
)
def test_a_mistyped_class_annotation_is_told(name: str, found: list[str]) -> None:
    wanted = MEANT % ("kubernetes.io/ingress.class", name)
    assert compiled(wanted).errors == found
    assert compiled(wanted, f"kind: IngressClass\nmetadata: {{name: {name}}}\nspec: {{controller: other}}\n").errors == []
    assert compiled(classed(name)).errors == []
