"""A world's folder."""

import os
import subprocess
import sys
from pathlib import Path

from albatross_sandbox.world import network
from albatross_sandbox.world.state import State, alive, birth, folder


def test_folder_follows_the_environment() -> None:
    assert folder("", {"ALBATROSS_SANDBOX_DIR": "/a", "XDG_STATE_HOME": "/b"}) == Path("/a")
    assert folder("", {"XDG_STATE_HOME": "/b"}) == Path("/b/albatross/sandbox")
    assert folder("", {"HOME": "/c"}) == Path("/c/.local/state/albatross/sandbox")
    assert folder("two", {"ALBATROSS_SANDBOX_DIR": "/a"}) == Path("/a/worlds/two")


def test_holder_is_known_while_it_holds(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.holder() is None
    with state.held():
        assert state.holder() == os.getpid()
    assert state.holder() is None


def test_broken_description_is_none(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.world.write_text("{")
    assert state.read() == {}


def test_clean_ends_parts_that_outlived_their_world(tmp_path: Path) -> None:
    state = State(tmp_path)
    with subprocess.Popen([sys.executable, "-S", "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as left:
        state.write({"processes": {"kube": [left.pid, birth(left.pid)], "aws": [os.getpid(), "1"]}})
        state.clean()
        assert left.wait(5) == -9
    assert not state.world.exists()
    assert alive(os.getpid())


def test_a_new_world_begins_empty(tmp_path: Path) -> None:
    for file in ("aws.log", "supervisor.log", "envoy/addresses.json"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    State(tmp_path).fresh(["aws", "envoy"])
    assert [file.name for file in tmp_path.iterdir()] == ["supervisor.log"]


def test_networks_are_claimed_once() -> None:
    with network.claimed("same") as first, network.claimed("same") as second:
        assert first != second
    with network.claimed("same") as again:
        assert again == first


def test_networks_are_claimed_across_folders(tmp_path: Path) -> None:
    script = "from albatross_sandbox.world import network\nwith network.claimed('same') as found: print(found)"
    with network.claimed("same") as mine:
        argv = [sys.executable, "-c", script]
        found = subprocess.run(argv, env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert found.stdout.strip() != mine
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_a_world_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "worlds" / "two" / "config").mkdir(parents=True)
    for name in ("config/aws.json", "config/mine.json", "mine.log", "aws.log", "ca.pem", "mine.pem", "worlds/two/kubeconfig"):
        (tmp_path / name).write_text("")
    State(tmp_path / "worlds" / "two").remove()
    State(tmp_path).remove()
    State(tmp_path / "never").remove()
    assert sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*")) == ["config", "config/mine.json", "mine.log", "mine.pem"]
