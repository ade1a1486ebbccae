"""The command itself: help, versions, and one end for every error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.cli.front import albatross

from albatross import __version__
from albatross.cli import group
from albatross.errors import AlbatrossError

HEAVY = ("rich", "yaml", "aiohttp", "botocore", "aiobotocore", "msgspec", "asyncio", "albatross.model")


def failing(error: BaseException) -> click.Command:
    @click.command()
    def fail() -> None:
        raise error

    return fail


def test_help_lists_the_commands() -> None:
    answer = albatross("--help")
    assert answer.code == 0
    assert "explain" in answer.out
    assert "demo" not in answer.out


def test_the_version_is_told() -> None:
    assert albatross("--version").out == f"albatross {__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    script = f"import sys; from albatross.cli import main; main(['--help']); print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["nonsense"], ["plan", "--nonsense"], ["explain", "a", "b"]])
def test_a_usage_error_is_no_change(arguments: list[str]) -> None:
    answer = albatross(*arguments)
    assert answer.code == 1
    assert "Usage:" in answer.err


def test_an_error_of_ours_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group.Lazy, "get_command", lambda *_: failing(AlbatrossError("no cluster is given")))
    answer = albatross("fail")
    assert (answer.code, answer.err) == (1, "error: no cluster is given\n")


def test_several_errors_are_several_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    both = ExceptionGroup("both", [AlbatrossError("one"), AlbatrossError("two")])
    monkeypatch.setattr(group.Lazy, "get_command", lambda *_: failing(both))
    assert albatross("fail").err == "error: one\nerror: two\n"


@pytest.mark.parametrize("arguments", [["fail"], ["--debug", "fail"], ["fail", "--debug"]])
def test_a_traceback_comes_only_when_asked_for(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(group.Lazy, "get_command", lambda *_: failing(RuntimeError("boom")))
    answer = albatross(*arguments)
    assert answer.code == 1
    assert "boom" in answer.err
    assert ("Traceback" in answer.err) == ("--debug" in arguments)


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group.Lazy, "get_command", lambda *_: failing(KeyboardInterrupt()))
    assert albatross("fail").code == 130


@pytest.mark.parametrize("arguments", [["sandbox", "up"], ["sandbox", "status"], ["sandbox", "--help"], ["demo"]])
def test_without_the_sandbox_its_commands_say_how_to_install_it(arguments: list[str]) -> None:
    script = (
        "import os, sys; sys.path = [p for p in sys.path if not os.path.isdir(os.path.join(p, 'albatross_sandbox'))]\n"
        "from albatross.cli import main; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: the sandbox is not installed; install it with: pip install albatross-sandbox\n"


def test_what_the_sandbox_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group.Lazy, "get_command", lambda *_: failing(ModuleNotFoundError("No module named 'moto'", name="moto")))
    assert albatross("fail").err == "error: moto is not installed; the sandbox needs it: pip install albatross-sandbox\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -c 'from albatross.cli import main; main([\"explain\"])' | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_every_command_of_the_table_has_its_module() -> None:
    folder = Path(group.__file__).parent
    present = [name for name in group.COMMANDS if (folder / f"{name}.py").exists() or (folder / name).is_dir()]
    assert present == group.albatross.list_commands(click.Context(group.albatross))


# Comforts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "hint"), [("lnit", " Did you mean lint?"), ("dmeo", ""), ("zzz", "")])
def test_an_unknown_command_gets_similar_names(name: str, hint: str) -> None:
    answer = albatross(name)
    assert answer.code == 1
    assert answer.err.endswith(f"Error: No such command '{name}'.{hint}\n")
    assert "No such option" in albatross("--nonsense").err


def test_as_a_plugin_of_kubectl_it_has_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/kubectl-albatross", "lint"])
    assert albatross("lint", "--help").out.startswith("Usage: kubectl albatross lint ")


@pytest.mark.parametrize(
    ("shell", "word"), [("bash", "complete -o nosort"), ("zsh", "#compdef albatross"), ("fish", "complete --no-files")]
)
def test_shells_complete(shell: str, word: str) -> None:
    answer = albatross("completion", shell)
    assert answer.code == 0
    assert word in answer.out
    assert "_ALBATROSS_COMPLETE=" in answer.out


def test_completion_knows_commands_and_options() -> None:
    context = click.Context(group.albatross)
    assert [each.value for each in group.albatross.shell_complete(context, "s")] == ["status", "schema", "sandbox"]
    assert "--version" in [each.value for each in group.albatross.shell_complete(context, "--")]
    environment = {**os.environ, "_ALBATROSS_COMPLETE": "bash_complete", "COMP_WORDS": "albatross lint --fa", "COMP_CWORD": "2"}
    done = subprocess.run([sys.executable, "-m", "albatross"], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["plain,--facts", "plain,--fail-on"]


def test_a_shell_that_click_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.cli.completion.get_completion_class", lambda _: None)
    assert "does not complete for fish" in albatross("completion", "fish").err


def test_the_schema_is_printed() -> None:
    found = json.loads(albatross("schema").out)
    assert found["$schema"].startswith("http://json-schema.org/")
