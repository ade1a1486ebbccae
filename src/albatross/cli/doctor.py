"""`albatross doctor`: the way of a request to the Kubernetes API and on to the client, link by link; it stops at nothing."""

import json
from typing import Any

import click

from albatross.cli import decision, live, option
from albatross.cli.terminal import causes, checkup, console, diagnostic, sarif
from albatross.diagnose.chain import FILES, Checkup, examine
from albatross.manifests import Sources
from albatross.model.config import Config


@click.command()
@option.files
@option.namespace
@option.facts
@option.kubeconfig
@option.context
@option.output("text", "json", "github", "sarif")
@option.settings
@click.pass_context
def doctor(ctx: click.Context, /, config: Config, output: str, **given: Any) -> None:
    """Check everything between the kubeconfig and the client: cluster, controller, identity, network, webhooks, quotas, DNS.

    With files (-f), only what files and a recording (--facts) can answer is checked, and neither the cluster nor AWS is asked. Exit
    code 0: nothing is wrong, 1: a cause was found, 3: no cause was found, but not everything could be read.
    """
    if given["paths"]:
        from albatross.cli.gather import files

        loaded = decision.load(given["paths"], given["namespace"])
        found, sources = examine(files.read(config, loaded, given["facts"]), FILES), loaded.sources
    else:
        from albatross.cli.gather import collect

        evidence = live.run(lambda: collect.collect(config, given["kubeconfig"], given["context"]))
        found, sources = examine(evidence), Sources()
    say(found, sources, output)
    ctx.exit(found.code)


def say(found: Checkup, sources: Sources, output: str) -> None:
    """Print all links, or for programs all causes."""
    screen = console.out()
    match output:
        case "json":
            screen.file.write(json.dumps(form(found, sources), indent=2) + "\n")
        case "github":
            for each in diagnostic.findings((each.problem for each in found.causes), sources):
                screen.file.write(diagnostic.github(each) + "\n")
        case "sarif":
            listed = diagnostic.findings((each.problem for each in found.causes), sources)
            screen.file.write(json.dumps(sarif.log(listed), indent=2) + "\n")
        case _:
            checkup.show(causes.Printer(screen, sources), found)


def form(found: Checkup, sources: Sources) -> dict[str, Any]:
    """The JSON form: the causes, the first one first, and each link with its state."""
    links = [
        {
            "name": each.link.name,
            "state": each.state,
            "remark": each.remark,
            "unseen": each.unseen,
            "table": [list(row) for row in each.table],
            "causes": [cause.problem.code for cause in each.causes],
        }
        for each in found.links
    ]
    return {"causes": [causes.form(each, sources) for each in found.causes], "links": links}
