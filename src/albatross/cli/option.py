"""Options that several subcommands share."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from typing import Any, TypeVar

import click

from albatross.catalog.settings import SETTINGS, Flag, read
from albatross.cli import project
from albatross.model.config import Config

Function = TypeVar("Function", bound=Callable[..., Any])

files = click.option(
    "-f",
    "--filename",
    "paths",
    multiple=True,
    metavar="FILE",
    help="A YAML or JSON file, a folder with such files, or - for standard input. Can be repeated.",
)
namespace = click.option("-n", "--namespace", default="default", show_default=True, help="The namespace of objects that do not name one.")
facts = click.option("--facts", default="", metavar="FACTS.json", help="A file with answers of AWS, written by `albatross record`.")
kubeconfig = click.option(
    "--kubeconfig", default="", metavar="FILE", help="The kubeconfig file. Default: KUBECONFIG, the pod, ~/.kube/config."
)
context = click.option("--context", default="", help="The context of the kubeconfig. Default: its current context.")

groups = click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="GROUP",
    help="Show only this group and its problems: its name, or namespace/name of a member; * matches any text. Can be repeated.",
)
expand = click.option("--expand", is_flag=True, help="Show every operation alone. Without it, operations that are alike are one entry.")

peer = click.option("--peer", "named", default="", metavar="NS/NAME", help="The Deployment of the other controller, if there are several.")
peer_region = click.option("--region", default="", help="The AWS region. Default: that of the other controller.")
peer_vpc = click.option("--vpc-id", default="", help="The id of the VPC. Default: that of the other controller.")


def output(*choices: str) -> Callable[[Function], Function]:
    """`--output`; the first choice is the default."""
    return click.option("-o", "--output", type=click.Choice(choices), default=choices[0], show_default=True, help="The output format.")


# The controller's settings -----------------------------------------------------------------------------------------

SHOWN = ("cluster-name", "aws-region", "aws-vpc-id", "ingress-class", "allow-deletions", "strict-groups", "strict-paths")
"""Settings in `--help`. All other settings of `albatross run` are accepted too."""

SHORT: Mapping[str, str] = {"aws-region": "--region", "aws-vpc-id": "--vpc-id"}
"""A second, shorter spelling."""

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {"aws-region": ("AWS_REGION", "AWS_DEFAULT_REGION")}
"""More environment variables of a setting."""

CLUSTER = "unnamed-cluster"
"""The default cluster name. It is enough for lint, and for plans (with wrong names). Commands that read a cluster refuse it."""

ROWS = tuple(row for row in SETTINGS if row.field in {each.name for each in fields(Config)})


def settings(function: Function) -> Function:
    """The settings of the controller as options. The function gets them as one `config`.

    The configuration file of the manifests is used for what neither an option nor the environment sets.
    """

    @wraps(function)
    def wrapped(**given: Any) -> Any:
        values = {row.flag: text for row in ROWS if (text := given.pop(_name(row))) is not None}
        stored = project.flags(project.values((*given.get("paths", ()), *given.get("files", ()))))
        found = read({"cluster-name": CLUSTER, **stored, **values})
        if found.complaints:
            raise click.UsageError("\n".join(found.complaints))
        return function(config=found.config, **given)

    for row in reversed(ROWS):
        wrapped = _option(row)(wrapped)
    return wrapped  # type: ignore[return-value]  # click's own decorators keep the callable's type only loosely


def _name(row: Flag) -> str:
    return "setting_" + row.flag.replace("-", "_")


def _option(row: Flag) -> Callable[[Any], Any]:
    names = [f"--{row.flag}", *([SHORT[row.flag]] if row.flag in SHORT else [])]
    alone: dict[str, Any] = {"is_flag": False, "flag_value": "true"} if row.kind == "flag" else {}
    variables = [row.env, *ENVIRONMENT.get(row.flag, ())]
    help = row.help.removesuffix(" Required.") + (" Required to read a live cluster." if row.flag == "cluster-name" else "")
    return click.option(
        *names, _name(row), default=None, envvar=variables, help=help, metavar=row.kind.upper(), hidden=row.flag not in SHOWN, **alone
    )
