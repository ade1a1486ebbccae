"""`albatross sandbox`, or `albatross-sandbox` without Albatross: a Kubernetes API, an AWS account and Envoy on loopback."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from albatross_sandbox import world

Result = TypeVar("Result")

STRAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE")
"""Variables that make an AWS client use other credentials than those of the sandbox."""

_NAME = click.option("--name", default="", help="The name of the sandbox, if you run several.", metavar="NAME")


@click.group()
def sandbox() -> None:
    """Run a Kubernetes API, an AWS account and Envoy on this machine, in the background."""


def main() -> None:
    """Run as a separate program."""
    sandbox(prog_name="albatross-sandbox")


@sandbox.command()
@click.option("--no-controller", is_flag=True, help="Do not start Albatross, so that you can try another controller.")
@click.option("--images", default="{}", hidden=True, help="A JSON map of images that pods can really run.")
@_NAME
def up(no_controller: bool, images: str, name: str) -> None:
    """Start a sandbox, and return when it is ready."""
    state = _folder(name)
    found = _settled(world.up(world.Options(state, not no_controller, json.loads(images)), _progress))
    click.echo("\nThe sandbox is ready. To use it from any terminal:\n")
    click.echo("\n".join(f"  export {key}={value}" for key, value in found.environment().items()))
    if stray := [name for name in STRAY if name in os.environ]:
        click.echo(f"  unset {' '.join(stray)}")
    click.echo(f"\nkubectl, boto3 and the AWS CLI then use this sandbox; its logs are in {state}.")
    click.echo(f"Stop it with: {world.program()} down{_suffix(name)}")


@sandbox.command()
@_NAME
def down(name: str) -> None:
    """Stop the sandbox, and remove everything it created."""
    stopped = _settled(world.down(_folder(name)))
    click.echo("The sandbox is stopped." if stopped else "No sandbox is running.")


@sandbox.command()
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_NAME
def status(output: str, name: str) -> None:
    """Show whether a sandbox is running, where it is, and the state of its parts. Exit code 1 if none is running."""
    found = _settled(world.status(_folder(name)))
    click.echo(json.dumps(found, indent=2) if output == "json" else _text(found, name))
    if not found["running"]:
        sys.exit(1)


@sandbox.command()
@_NAME
def kubeconfig(name: str) -> None:
    """Print the path of the sandbox's kubeconfig."""
    try:
        click.echo(world.kubeconfig(_folder(name)))
    except world.Trouble as trouble:
        raise click.ClickException(str(trouble)) from None


def _folder(name: str) -> Path:
    if name and not name.replace("-", "").isalnum():
        raise click.BadParameter("letters, digits and hyphens only", param_hint="--name")
    return world.folder(name)


def _settled(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it. An error becomes one message and exit code 1."""
    try:
        return asyncio.run(work)
    except world.Trouble as trouble:
        raise click.ClickException(str(trouble)) from None


def _progress(step: str, text: str) -> None:
    click.echo(f"  {click.style('✓', fg='green')} {step:<10} {text}")


def _suffix(name: str) -> str:
    return f" --name {name}" if name else ""


def _text(found: dict[str, Any], name: str) -> str:
    if not found["running"]:
        lines = ["No sandbox is running."]
        if "failure" in found:
            lines.append(f"The last one ended: {found['failure']}")
        return "\n".join([*lines, f"Start one with: {world.program()} up{_suffix(name)}"])
    lines = [f"The sandbox has been running since {found['started']}.", ""]
    shown = (
        "kubeconfig",
        "server",
        "aws_endpoint",
        "dns",
        "oidc_issuer",
        "pod_identity",
        "region",
        "cluster_name",
        "vpc_id",
        "cidr",
        "state",
    )
    lines += [f"  {key:<13} {found[key]}" for key in shown if found.get(key)]
    lines += ["", "  part          pid      state"]
    lines += [f"  {part:<13} {found['pids'][part]:<8} {'running' if lives else 'ended'}" for part, lives in found["parts"].items()]
    return "\n".join([*lines, *_load_balancers(found["load_balancers"])])


def _load_balancers(found: list[dict[str, Any]]) -> list[str]:
    """The address of each load balancer, and its features that the data plane does not support."""
    lines = ["", "  load balancer"] if found else []
    for item in found:
        lines.append(f"  {item['name']}  {'  '.join(listener['url'] for listener in item['listeners'])}".rstrip())
        lines += [f"    warning: {warning}" for warning in item["warnings"]]
    return lines
