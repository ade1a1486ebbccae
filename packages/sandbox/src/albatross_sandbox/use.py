"""`albatross sandbox env`, `curl`, `resolve` and `certificate`: to use a sandbox that runs."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from albatross_sandbox import world
from albatross_sandbox.world import World

if TYPE_CHECKING:
    from albatross_sandbox.world.visit import Way

_ANY = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


def _checked(_: click.Context, __: click.Parameter, name: str) -> str:
    """The name, which becomes a part of a path."""
    if name and not name.replace("-", "").isalnum():
        raise click.BadParameter("letters, digits and hyphens only", param_hint="--name")
    return name


named = click.option(
    "--name",
    default="",
    envvar="ALBATROSS_SANDBOX_NAME",
    metavar="NAME",
    callback=_checked,
    help="The name of the sandbox, if you run several.",
)


def running(name: str) -> World:
    """The sandbox of that name; a message and exit code 1 if it does not run."""
    try:
        return world.current(world.folder(name))
    except world.Trouble as trouble:
        raise click.ClickException(str(trouble)) from None


@click.command()
@click.option("--unset", is_flag=True, help="Print what removes the variables, for a shell that is done with the sandbox.")
@named
def env(unset: bool, name: str) -> None:
    """Print the variables for a shell: eval "$(albatross sandbox env)"."""
    from albatross_sandbox.world import shell

    if unset:
        names = [each for each in os.environ if each.startswith(("ALBATROSS_SANDBOX_", "AWS_ENDPOINT_URL"))]
        click.echo(f"unset {' '.join(sorted({*shell.NAMES, *names}))}")
        return
    found = running(name)
    click.echo(shell.script(shell.variables(found, world.folder(), name, os.environ), shell.stray(os.environ)))


@click.command(context_settings=_ANY)
@click.option("--via", default="", metavar="LOAD-BALANCER", help="The name of the load balancer, for a host that nothing leads to.")
@named
@click.argument("words", nargs=-1, required=True, metavar="[CURL-OPTION]... URL", type=click.UNPROCESSED)
def curl(via: str, name: str, words: tuple[str, ...]) -> None:
    """Send a request to a load balancer as curl does: the host is resolved in the sandbox, and its CA is trusted.

    A host leads to a load balancer by its record in Route 53, otherwise by the Ingress that has it, otherwise to the only one there is.
    """
    from albatross_sandbox.world import client

    found = running(name)
    ways, program, authority = asyncio.run(_ways(found, words, via)), shutil.which("curl"), str(found.details["trust"])
    if program is None:
        sys.exit(asyncio.run(client.request(words, ways[0] if ways else None, authority)))
    connect = [word for way in ways for word in way.connect()]
    sys.exit(subprocess.run([program, "--noproxy", "*", "--cacert", authority, *connect, *words], check=False).returncode)


async def _ways(found: World, words: Sequence[str], via: str) -> "list[Way]":
    from albatross_sandbox.world import visit

    urls = [each for each in words if each.startswith(("http://", "https://"))]
    if not urls:
        raise click.UsageError("a URL is needed that begins with http:// or https://")
    try:
        return [way for url in urls if (way := await visit.way(found, url, via))]
    except world.Trouble as trouble:
        raise click.ClickException(str(trouble)) from None


@click.command()
@named
@click.argument("host")
@click.argument("type", default="A")
def resolve(name: str, host: str, type: str) -> None:
    """Print what the DNS server of the sandbox answers, one value on each line. Exit code 1 if there is none."""
    from albatross_sandbox.dns.ask import ask

    found = asyncio.run(ask(running(name).dns, host, type.upper()))
    click.echo("\n".join(found) if found else f"{host} has no {type.upper()} record", err=not found)
    sys.exit(not found)


@click.command()
@named
@click.argument("hosts", nargs=-1)
def certificate(name: str, hosts: tuple[str, ...]) -> None:
    """Add a certificate for these hosts to ACM. Without hosts, list all certificates.

    The CA of the sandbox issues it. The first name can have a wildcard: '*.shop.test'.
    """
    found = running(name)
    if hosts:
        click.echo(control(found, "certificates", {"names": list(hosts)})["arn"])
        return
    for each in control(found, "certificates"):
        click.echo(f"{each['arn']}  {' '.join(each['names'])}{'' if each['status'] == 'ISSUED' else '  ' + each['status']}")


def control(found: World, path: str, body: Any = None) -> Any:
    """The answer of a control call of the account."""
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{found.aws_endpoint}/_sandbox/{path}", data, timeout=10) as answer:
        return json.load(answer)
