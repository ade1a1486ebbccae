"""The command group: subcommands by module, imported when they are called, and one end for every error."""

import gc
import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click

from albatross import __version__
from albatross.errors import AlbatrossError

INTERRUPTED = 130
"""The exit code of a process that Ctrl-C ended, as shells count it: 128 + SIGINT."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A subcommand: what `--help` says of it, and whether it is listed there. Its module is `albatross.cli.<name>`."""

    help: str
    hidden: bool = False


COMMANDS: Mapping[str, Entry] = {
    "lint": Entry("Say everything that is wrong in manifests, with its place and its fix."),
    "plan": Entry("Show what manifests, or a cluster's objects, would change in AWS."),
    "route": Entry("Say which rule a request meets, and why not the others."),
    "model": Entry("Print the model that manifests compile to, as JSON."),
    "explain": Entry("Explain a problem by its code."),
    "status": Entry("Show the load balancers of a cluster down to the health of each target."),
    "iam": Entry("Print the IAM policy and role that the controller needs."),
    "record": Entry("Record what AWS answers, to plan offline later."),
    "run": Entry("Run the controller."),
    "sandbox": Entry("Keep a Kubernetes API, an AWS account and a load balancer on this machine."),
    "demo": Entry("Show all of it at work on this machine.", hidden=True),
}
"""In the order in which `--help` lists them."""


class Lazy(click.Group):
    """A group whose subcommands are imported on call; one whose module is not installed is left out."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the table's order."""
        return [name for name in COMMANDS if find_spec(f"albatross.cli.{name}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The subcommand, imported now."""
        if name not in self.list_commands(ctx):
            return None
        module = import_module(f"albatross.cli.{name}")
        command: Any = getattr(module, name, None) or module.command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists them without importing any."""
        rows = [(name, COMMANDS[name].help) for name in self.list_commands(ctx) if not COMMANDS[name].hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error; works after the subcommand too.")
def albatross() -> None:
    """Kubernetes Ingress objects in, AWS load balancers out; it plans first and says why."""


def invoke(arguments: Sequence[str] | None = None) -> int:
    """Runs the group and turns every way to end into an exit code; an error is one message, a traceback only with `--debug`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] and given[0] in ("lint", "model", "plan", "route"):
        gc.disable()  # they build once, print and end: a plan of 1,000 Ingresses takes 2.4 s instead of 2.9 s
    debug = "--debug" in given or bool(os.environ.get("ALBATROSS_DEBUG"))
    try:
        code = albatross.main(args=[word for word in given if word != "--debug"], prog_name="albatross", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output (head, less) has left; Python would complain of it again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        _say(error)
        return 1
    return code if isinstance(code, int) else 0


def _say(error: BaseException) -> None:
    for single in _singles([error]):
        match single:
            case click.UsageError():
                single.show()
            case click.ClickException():
                _line(single.format_message())
            case AlbatrossError():
                _line(str(single))
            case ModuleNotFoundError(name="albatross_sandbox"):
                _line("the sandbox is not installed; pip install albatross-sandbox brings it")
            case ModuleNotFoundError() if not (single.name or "").startswith("albatross"):
                _line(f"{single.name} is not installed; pip install albatross-sandbox brings what the sandbox needs")
            case _:
                _line(f"{type(single).__name__}: {single}\nThis is a fault of ours. With --debug it shows where it happened.")


def _singles(errors: Iterable[BaseException]) -> Iterable[BaseException]:
    for error in errors:
        yield from _singles(error.exceptions) if isinstance(error, BaseExceptionGroup) else (error,)


def _line(message: str) -> None:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True)
