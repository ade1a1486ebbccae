"""The rows of the webhooks."""

from pathlib import Path

from albatross.admission import HANDLERS
from albatross.catalog.webhooks import BY_PATH, SYSTEM, WEBHOOKS


def test_every_handler_has_a_row() -> None:
    assert set(HANDLERS) <= set(BY_PATH)
    assert len(BY_PATH) == len(WEBHOOKS) == len({row.name for row in WEBHOOKS})


def test_names_and_paths_are_those_of_the_other_controller() -> None:
    for row in WEBHOOKS:
        assert row.name.endswith(".elbv2.k8s.aws")
        assert row.name.startswith("v" if not row.mutating else ("m", "q"))
        assert row.path.startswith("/mutate-" if row.mutating else "/validate-")


def test_each_row_says_why_and_what_happens_without_it() -> None:
    for row in WEBHOOKS:
        assert row.why
        assert row.reason
        assert row.setting


def test_core_objects_of_the_system_are_never_sent() -> None:
    for row in WEBHOOKS:
        if row.group == "":
            assert any(each["values"] == [SYSTEM] for each in row.namespaces["matchExpressions"]), row.name


def test_what_is_being_deleted_is_never_held_back() -> None:
    for row in WEBHOOKS:
        if "UPDATE" in row.operations:
            assert "not-being-deleted" in {each.name for each in row.conditions}


def test_the_page_says_all_of_them() -> None:
    page = (Path(__file__).parents[2] / "docs/webhooks.md").read_text()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `") and ".elbv2." in line}
    assert set(rows) == {row.name for row in WEBHOOKS}
    for row in WEBHOOKS:
        assert ("**stored**" in rows[row.name]) == (row.policy == "Ignore")
