"""`albatross why KIND NS/NAME`: why an object has no load balancer that works; the first cause, the rest, and the fix."""

import json
from typing import Any

import click

from albatross.cli import live, option
from albatross.cli.terminal import causes, console
from albatross.diagnose.subject import Diagnosis, diagnose
from albatross.model.config import Config
from albatross.model.ident import Ident

KINDS = {
    **dict.fromkeys(("ingress", "ingresses", "ing"), "Ingress"),
    **dict.fromkeys(("service", "services", "svc"), "Service"),
}


@click.command()
@click.argument("kind")
@click.argument("object")
@option.kubeconfig
@option.context
@option.output("text", "json")
@option.settings
@click.pass_context
def why(ctx: click.Context, /, config: Config, kind: str, object: str, output: str, **given: Any) -> None:
    """Say why an Ingress or a Service has no load balancer that works, and how to correct it.

    KIND is ingress or service, OBJECT is NAMESPACE/NAME. The first cause is shown first: the causes after it may follow from it. Exit
    code 0: healthy, 1: a cause was found, 3: no cause was found, but not everything could be read.
    """
    from albatross.cli.gather import collect

    ident = _ident(kind, object)
    evidence = live.run(lambda: collect.collect(config, given["kubeconfig"], given["context"], ident))
    found = diagnose(evidence, ident)
    if output == "json":
        print(json.dumps(form(found), indent=2))
    else:
        causes.show(console.out(), found)
    ctx.exit(found.code)


def _ident(kind: str, object: str) -> Ident:
    if kind.lower() not in KINDS:
        raise click.BadParameter("write ingress or service", param_hint="KIND")
    namespace, slash, name = object.partition("/")
    return Ident(KINDS[kind.lower()], *((namespace, name) if slash else ("default", object)))


def form(found: Diagnosis) -> dict[str, Any]:
    """The JSON form."""
    return {
        "object": str(found.subject),
        "healthy": found.code == 0,
        "causes": [causes.form(each) for each in found.causes],
        "unseen": dict(found.unseen),
        "facts": list(found.facts),
    }
