"""The objects on disk."""

import pathlib
import stat
from typing import Any

import pytest

from albatross_sandbox.kube import journal
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.journal import Journal
from albatross_sandbox.kube.store import Store


def thing(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", **more}}


def content(store: Store) -> dict[str, bytes]:
    return {entry.key[1]: entry.raw for entry in store.everything()}


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "kube" / "objects"


def test_another_life_finds_what_the_last_one_left(path: pathlib.Path) -> None:
    one = Journal(path)
    one.store.put("things", thing("a"))
    one.store.put("things", thing("b", labels={"x": "tab\tand\nline"}))
    one.store.put("things", thing("a", labels={"x": "y"}))
    one.store.put("things", thing("c"))
    one.store.remove("things", thing("c"))
    other = Journal(path)
    assert content(other.store) == content(one.store)
    assert other.store.version == one.store.version
    assert other.store.by_uid("uid-b")
    one.close()
    other.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_change_that_was_cut_off_never_happened(path: pathlib.Path) -> None:
    one = Journal(path)
    one.store.put("things", thing("a"))
    one.store.put("things", thing("b"))
    one.close()
    path.write_bytes(path.read_bytes()[:-5])
    other = Journal(path)
    assert list(content(other.store)) == ["a"]
    other.close()


def test_watches_go_on_where_they_were_or_list_anew(path: pathlib.Path) -> None:
    one = Journal(path)
    early = one.store.put("things", thing("a")).version
    late = one.store.put("things", thing("b")).version
    one.close()
    other = Journal(path)
    assert other.store.since("things", late) == []
    with pytest.raises(Fault, match="too old"):
        other.store.since("things", early)
    assert other.store.put("things", thing("c")).version == late + 1
    other.close()


def test_the_file_stays_small(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGE", 2000)
    one = Journal(path)
    for _ in range(200):
        one.store.put("things", thing("a"))
    assert path.stat().st_size < 3000
    other = Journal(path)
    assert content(other.store) == content(one.store)
    one.close()
    other.close()
