"""The command group. Subcommands are modules that are imported when they are called; every error is handled here."""

import gc
import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
from click.shell_completion import CompletionItem

from albatross import __version__
from albatross.errors import AlbatrossError

PLUGIN = "kubectl-albatross"
"""The name of the program that kubectl calls for `kubectl albatross`."""

INTERRUPTED = 130
"""The exit code of a process that Ctrl-C ended, as in shells: 128 + SIGINT."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A subcommand: its text in `--help`, whether it is hidden there, and its exit code if it could not do its work.

    Its module is `albatross.cli.<name>`.
    """

    help: str
    hidden: bool = False
    failed: int = 1


COMMANDS: Mapping[str, Entry] = {
    "lint": Entry("Show every problem in manifests, with its place and its fix.", failed=2),
    "plan": Entry("Show what manifests, or the objects of a cluster, would change in AWS."),
    "route": Entry("Show which rule a request matches, and why the other rules do not match."),
    "model": Entry("Print the AWS resources that manifests describe, as JSON."),
    "explain": Entry("Explain a problem code."),
    "status": Entry("Show the load balancers of a cluster, down to the health of each target."),
    "why": Entry("Say why an Ingress or Service has no load balancer that works."),
    "doctor": Entry("Check everything from the kubeconfig to the client: cluster, identity, network, webhooks, quotas, DNS."),
    "drift": Entry("Show where AWS differs from the objects of a cluster, and what the next pass does about it."),
    "gc": Entry("Find what this cluster has in AWS and no object needs, and delete it with --yes."),
    "iam": Entry("Print the IAM policy and the IAM role that the controller needs."),
    "install": Entry("Install the controller in a cluster, and wait until it is ready."),
    "render": Entry("Print the objects of an installation as YAML, for GitOps."),
    "uninstall": Entry("Remove the controller from a cluster."),
    "migrate": Entry("Move a cluster from the AWS Load Balancer Controller to this controller."),
    "adopt": Entry("Show what a move from the AWS Load Balancer Controller would write to AWS: nothing, or why."),
    "schema": Entry("Print a JSON Schema of all annotations, for editors."),
    "completion": Entry("Print the completion script of a shell."),
    "record": Entry("Record the answers of AWS, for plans without access to AWS."),
    "run": Entry("Run the controller."),
    "sandbox": Entry("Run a Kubernetes API, an AWS account and a load balancer on this machine."),
    "demo": Entry("Show everything at work on this machine.", hidden=True),
}
"""All subcommands, in the order of `--help`."""


class Lazy(click.Group):
    """A group that imports a subcommand when it is called. A subcommand is left out if its module is not installed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return [name for name in COMMANDS if find_spec(f"albatross.cli.{name}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The subcommand, imported now."""
        if name not in self.list_commands(ctx):
            return None
        module = import_module(f"albatross.cli.{name}")
        command: Any = getattr(module, name, None) or module.command
        return command if isinstance(command, click.Command) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand. An unknown name gets names that are similar."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = get_close_matches(name, [each for each in self.list_commands(ctx) if not COMMANDS[each].hidden], 2)
            ctx.fail(f"No such command {name!r}." + (f" Did you mean {' or '.join(near)}?" if near else ""))
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The subcommands that start with a text, without importing them; then the options of the group."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete) and not COMMANDS[name].hidden]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name, help=COMMANDS[name].help) for name in names), *options]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        rows = [(name, COMMANDS[name].help) for name in self.list_commands(ctx) if not COMMANDS[name].hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error. Also accepted after the subcommand.")
def albatross() -> None:
    """Turn Kubernetes Ingresses and Services into AWS load balancers; show the plan first, and explain every problem."""


def invoke(arguments: Sequence[str] | None = None) -> int:
    """Run the group and return the exit code. An error is one message; `--debug` adds the traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] and given[0] in ("lint", "model", "plan", "route"):
        gc.disable()  # they run once and end, so they need no collector: a plan of 1,000 Ingresses takes 2.4 s instead of 2.9 s
    debug = "--debug" in given or bool(os.environ.get("ALBATROSS_DEBUG"))
    program = "kubectl albatross" if os.path.basename(sys.argv[0]) == PLUGIN else "albatross"
    try:
        code = albatross.main(args=[word for word in given if word != "--debug"], prog_name=program, standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output (head, less) has closed it; Python would report that again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        _say(error)
        name = next((word for word in given if not word.startswith("-")), "")
        return COMMANDS[name].failed if name in COMMANDS else 1
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
                _line("the sandbox is not installed; install it with: pip install albatross-sandbox")
            case ModuleNotFoundError() if not (single.name or "").startswith("albatross"):
                _line(f"{single.name} is not installed; the sandbox needs it: pip install albatross-sandbox")
            case _:
                _line(f"{type(single).__name__}: {single}\nThis is a bug in Albatross. Use --debug to see where it happened.")


def _singles(errors: Iterable[BaseException]) -> Iterable[BaseException]:
    for error in errors:
        yield from _singles(error.exceptions) if isinstance(error, BaseExceptionGroup) else (error,)


def _line(message: str) -> None:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True)
