"""`albatross sandbox`, or `albatross-sandbox` without Albatross: a Kubernetes API, an AWS account and Envoy on loopback."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

from albatross_sandbox import use, world

Result = TypeVar("Result")


@click.group()
def sandbox() -> None:
    """Run a Kubernetes API, an AWS account and Envoy on this machine, in the background."""


def main() -> None:
    """Run as a separate program."""
    sandbox(prog_name="albatross-sandbox")


@sandbox.command()
@click.option("--no-controller", is_flag=True, help="Do not start Albatross, so that you can try another controller.")
@click.option("--images", default="{}", hidden=True, help="A JSON map of images that pods can really run.")
@use.named
def up(no_controller: bool, images: str, name: str) -> None:
    """Start a sandbox, and return when it is ready."""
    state = world.folder(name)
    found = _settled(world.up(world.Options(state, not no_controller, json.loads(images)), _progress))
    click.echo(_ready(found, name))


@sandbox.command()
@use.named
def down(name: str) -> None:
    """Stop the sandbox, and remove everything it created."""
    stopped = _settled(world.down(world.folder(name)))
    click.echo("The sandbox is stopped, and its files are removed." if stopped else "No sandbox is running.")
    if os.environ.get("ALBATROSS_SANDBOX_DNS"):
        click.echo(f'This shell still has its variables: eval "$({world.program()} env --unset)"')


@sandbox.command()
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@use.named
def status(output: str, name: str) -> None:
    """Show whether a sandbox is running, where it is, and the state of its parts. Exit code 1 if none is running."""
    found = _settled(world.status(world.folder(name)))
    click.echo(json.dumps(found, indent=2) if output == "json" else _text(found, name))
    if not found["running"]:
        sys.exit(1)


@sandbox.command()
@use.named
def kubeconfig(name: str) -> None:
    """Print the path of the sandbox's kubeconfig."""
    click.echo(use.running(name).kubeconfig)


for _command in (use.env, use.curl, use.resolve, use.certificate):
    sandbox.add_command(_command)


def _ready(found: world.World, name: str) -> str:
    """What the next commands need."""
    program, suffix = world.program(), _suffix(name)
    certificates = [" ".join(each["sans"]) for each in found.details["certificates"]]
    return f"""
The sandbox is ready. In each terminal that uses it:

  eval "$({program} env{suffix})"

kubectl, albatross, boto3 and the AWS CLI then use it without further options, for example:

  kubectl get nodes,ingressclasses
  {"albatross plan --live -f ingress.yaml" if world.controllable() else "kubectl apply -f ingress.yaml"}
  {program.rpartition("/")[2]} curl https://api.{found.domain}/

  cluster       {found.cluster_name}, {found.vpc_id}, {found.region}, account {found.details["account"]}
  certificates  {"; ".join(certificates)}
                more: {program} certificate{suffix} HOST...
  their CA      {found.details["trust"]}
  logs          {found.state}{_page(found)}

Stop it with: {program} down{suffix}"""


def _page(found: world.World) -> str:
    """The address of the controller's page, if there is a controller."""
    url = found.details.get("page")
    return f"\n  page          {url} (open it in a browser)" if url else ""


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
        "trust",
        "oidc_issuer",
        "pod_identity",
        "region",
        "cluster_name",
        "vpc_id",
        "cidr",
        "state",
        "page",
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
