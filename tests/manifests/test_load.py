"""Files in, objects and faults out."""

from pathlib import Path

import pytest

from albatross.manifests import Loaded, load
from albatross.model.ident import Ident
from albatross.model.problem import Origin, Problem

SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app\n"


def read(folder: Path, text: str, name: str = "a.yaml") -> Loaded:
    (folder / name).write_text(text)
    return load([str(folder / name)])


def faults(loaded: Loaded) -> list[Problem]:
    """The problems of reading: these objects are too short for the API server, which is another test's subject."""
    return [each for each in loaded.problems if each.code != "LB189"]


def codes(loaded: Loaded) -> list[str]:
    return [each.code for each in faults(loaded)]


def where(loaded: Loaded, number: int = 0) -> tuple[int, int, str]:
    place = loaded.sources.locate(faults(loaded)[number].origin)
    assert place
    return place.line, place.column, place.text[place.column - 1 : place.end_column - 1]


def test_documents_of_a_file_are_objects(tmp_path: Path) -> None:
    loaded = read(tmp_path, f"{SERVICE}---\n# nothing here\n---\n{INGRESS}")
    assert set(loaded.snapshot.services) == {("default", "web")}
    assert set(loaded.snapshot.ingresses) == {("default", "app")}
    assert not codes(loaded)


def test_a_file_is_incomplete_unless_said_otherwise(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE)
    assert not load([str(tmp_path)]).snapshot.complete
    assert load([str(tmp_path)], complete=True).snapshot.complete


def test_a_list_is_opened_and_json_read(tmp_path: Path) -> None:
    items = '{"apiVersion":"v1",\t"kind":"List","items":[{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}]}'
    assert set(read(tmp_path, items, "a.json").snapshot.namespaces) == {("", "shop")}


def test_a_namespace_is_given_to_what_names_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE)
    assert set(load([str(tmp_path)], namespace="shop").snapshot.services) == {("shop", "web")}


def test_other_kinds_are_counted(tmp_path: Path) -> None:
    loaded = read(
        tmp_path, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n---\napiVersion: serving.knative.dev/v1\nkind: Service\n"
    )
    assert loaded.ignored == {"Deployment": 1, "Service": 1}
    assert not codes(loaded)


def test_a_folder_gives_its_manifests_and_passes_over_the_rest(tmp_path: Path) -> None:
    (tmp_path / "deep" / ".git").mkdir(parents=True)
    (tmp_path / "deep" / "b.yml").write_text(SERVICE)
    (tmp_path / "deep" / ".git" / "c.yaml").write_text(INGRESS)
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    loaded = load([str(tmp_path)])
    assert len(loaded.objects) == 1
    assert not codes(loaded)


def test_a_malformed_document_costs_only_itself(tmp_path: Path) -> None:
    loaded = read(tmp_path, f"{SERVICE}---\nkind: [\n---\n{INGRESS}")
    assert len(loaded.objects) == 2
    assert codes(loaded) == ["LB191"]
    assert where(loaded) == (6, 7, "[")


def test_a_missing_file_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE)
    loaded = load([str(tmp_path / "none.yaml"), str(tmp_path / "a.yaml")])
    assert codes(loaded) == ["LB190"]
    assert len(loaded.objects) == 1


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\nb: \xff\n")
    (problem,) = load([str(tmp_path)]).problems
    assert dict(problem.args)["reason"] == "it is not UTF-8 (byte 9, line 2)"


@pytest.mark.parametrize("text", ["a: {{ .Values.name }}\n", "{{- if .Values.on }}\n" + SERVICE + "{{- end }}\n"])
def test_an_unrendered_template_is_recognised(tmp_path: Path, text: str) -> None:
    loaded = read(tmp_path, f"{text}---\n{INGRESS}")
    assert codes(loaded) == ["LB192"]
    assert where(loaded)[0] == 1
    assert len(loaded.objects) == 1


def test_a_quoted_template_is_a_warning(tmp_path: Path) -> None:
    problem = faults(read(tmp_path, INGRESS + 'spec:\n  ingressClassName: "{{ .Values.class }}"\n'))[0]
    assert (problem.code, problem.severity) == ("LB192", "warning")


def test_a_document_of_no_kind_is_said(tmp_path: Path) -> None:
    loaded = read(tmp_path, "metadata:\n  name: x\n")
    assert [(p.code, p.args) for p in loaded.problems] == [("LB193", (("field", "apiVersion"),))]


def test_a_nameless_object_is_said(tmp_path: Path) -> None:
    assert codes(read(tmp_path, "apiVersion: v1\nkind: Service\n")) == ["LB193"]


def test_a_field_of_the_wrong_type_is_placed(tmp_path: Path) -> None:
    loaded = read(tmp_path, INGRESS + "  annotations:\n    alb.ingress.kubernetes.io/ssl-redirect: 443\n")
    assert codes(loaded) == ["LB194"]
    assert where(loaded) == (6, 45, "443")
    assert next(iter(loaded.snapshot.ingresses.values())).metadata.annotations == {"alb.ingress.kubernetes.io/ssl-redirect": "443"}


def test_the_last_of_two_definitions_counts(tmp_path: Path) -> None:
    loaded = read(tmp_path, f"{SERVICE}spec: {{type: NodePort}}\n---\n{SERVICE}spec: {{type: LoadBalancer}}\n")
    assert loaded.snapshot.services["default", "web"].type == "LoadBalancer"
    assert codes(loaded) == ["LB195"]
    first = loaded.sources.locate(faults(loaded)[0].related[0])
    assert first
    assert first.line == 4
    assert where(loaded)[0] == 10


def test_the_last_of_two_keys_counts(tmp_path: Path) -> None:
    loaded = read(tmp_path, SERVICE + "spec:\n  type: NodePort\n  type: ClusterIP\n")
    assert loaded.snapshot.services["default", "web"].type == "ClusterIP"
    assert codes(loaded) == ["LB196"]
    assert where(loaded)[:2] == (7, 3)


@pytest.mark.parametrize("version", ["extensions/v1beta1", "networking.k8s.io/v1beta1"])
def test_a_withdrawn_version_is_said(tmp_path: Path, version: str) -> None:
    text = f"apiVersion: {version}\nkind: Ingress\nmetadata: {{name: old}}\nspec: {{backend: {{serviceName: web, servicePort: http}}}}\n"
    loaded = read(tmp_path, text)
    assert codes(loaded) == ["LB197"]
    backend = loaded.snapshot.ingresses["default", "old"].default_backend
    assert backend
    assert (backend.service, backend.port) == ("web", "http")


def test_a_withdrawn_version_has_its_other_problems_too(tmp_path: Path) -> None:
    text = "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: old}\nspec: {rules: [{host: A.example.com}]}\n"
    assert [each.code for each in read(tmp_path, text).problems] == ["LB197", "LB189"]


def test_a_withdrawn_class_is_read(tmp_path: Path) -> None:
    text = "apiVersion: networking.k8s.io/v1beta1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n"
    loaded = read(tmp_path, text)
    assert codes(loaded) == ["LB197"]
    assert loaded.snapshot.ingress_classes["", "alb"].controller == "ingress.k8s.aws/alb"


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "\n".join(" " * n + "a:" for n in range(3000)), "a: &x [*x]", "a: \x00", "? [a]\n: b", "a: *b"]
)
def test_hostile_text_is_a_fault(tmp_path: Path, text: str) -> None:
    assert codes(read(tmp_path, text)) == ["LB191"]


def test_shared_aliases_stay_small(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    loaded = read(tmp_path, SERVICE + "\n".join(lines))
    assert len(loaded.objects) == 1


def test_every_file_of_a_large_folder_is_read(tmp_path: Path) -> None:
    for n in range(280):
        (tmp_path / f"{n}.yaml").write_text(INGRESS)
    assert len(load([str(tmp_path)]).sources.texts) == 280


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE)
    assert not codes(load([str(tmp_path), str(tmp_path / "a.yaml")]))


def test_an_object_that_no_file_holds_has_no_place(tmp_path: Path) -> None:
    assert read(tmp_path, SERVICE).sources.locate(Origin("Service", "default", "other")) is None


def test_a_wrong_type_is_read_as_it_was_meant(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: W_b}\nspec: {ports: [{port: '80'}]}\n"
    loaded = read(tmp_path, text)
    assert [each.code for each in loaded.problems] == ["LB194", "LB189"]
    assert loaded.snapshot.services["default", "W_b"].ports[0].port == 80


def test_an_object_that_cannot_be_read_still_exists(tmp_path: Path) -> None:
    loaded = read(tmp_path, "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: http}\n")
    assert codes(loaded) == ["LB194"]
    assert loaded.snapshot.unread == {Ident("Service", "default", "web")}
    assert not loaded.snapshot.services


def test_a_placeholder_is_the_cause_of_a_refusal(tmp_path: Path) -> None:
    text = INGRESS.replace("name: app", "name: '<app>'") + "spec: {rules: [{host: '${HOST}'}], ingressClassName: '{{class}}'}\n"
    found = read(tmp_path, text).problems
    assert [(each.code, each.severity, each.origin.field) for each in found] == [
        ("LB186", "error", "metadata.name"),
        ("LB186", "error", "spec.rules[0].host"),
        ("LB186", "error", "spec.ingressClassName"),
    ]
