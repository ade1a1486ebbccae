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
    "lint": Entry("Show every problem in manifests, with its place and its fix."),
    "plan": Entry("Show what manifests, or the objects of a cluster, would change in AWS."),
    "route": Entry("Show which rule a request matches, and why the other rules do not match."),
    "model": Entry("Print the AWS resources that manifests describe, as JSON."),
    "explain": Entry("Explain a problem code."),
    "status": Entry("Show the load balancers of a cluster, down to the health of each target."),
    "record": Entry("Record the answers of AWS, for plans without access to AWS."),
    "run": Entry("Run the controller."),
    "sandbox": Entry("Run a Kubernetes API, an AWS account and a load balancer on this machine."),
    "demo": Entry("Show everything at work on this machine.", hidden=True),
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
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error. Also accepted after the subcommand.")
def albatross() -> None:
    """Turn Kubernetes Ingress objects into AWS load balancers; show the plan first, and explain every problem."""


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
            case ModuleNotFoundError() if not (single.name or "").startswith("albatross"):
                _line(f"{single.name} is not installed; the sandbox needs it: pip install 'albatross-controller[sandbox]'")
            case _:
                _line(f"{type(single).__name__}: {single}\nThis is a bug in Albatross. Use --debug to see where it happened.")


def _singles(errors: Iterable[BaseException]) -> Iterable[BaseException]:
    for error in errors:
        yield from _singles(error.exceptions) if isinstance(error, BaseExceptionGroup) else (error,)


def _line(message: str) -> None:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True)
