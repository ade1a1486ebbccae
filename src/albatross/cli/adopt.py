"""`albatross adopt`: says beforehand what it would write to AWS to take over from another controller."""

import json
from typing import Any

import click

from albatross.cli import decision, live, migrate, option, plan, proof
from albatross.cli.terminal import console, diagnostic
from albatross.install import peer


@click.command()
@option.peer
@option.peer_region
@option.peer_vpc
@option.expand
@option.kubeconfig
@option.context
@option.output("text", "json")
@click.pass_context
def adopt(ctx: click.Context, /, output: str, **given: Any) -> None:
    """Show what this controller would write to AWS if it took over from the AWS Load Balancer Controller now: nothing, or why.

    It reads the settings of the other controller from its Deployment, and changes nothing; `albatross migrate --yes` takes over. Exit code
    0: nothing would be written, 2: something would, 1: an error.
    """
    scene = live.run(lambda: migrate.looked(given, migrate.OURS))
    config = proof.config(peer.peer(scene.theirs, scene.account), given)
    decisions, problems, sources = live.decided(config, given)
    found = diagnostic.findings(decision.every(problems, decisions), sources)
    verdict = proof.judge(decisions, problems)
    if output == "json":
        form = {"writes": verdict.writes, "doubts": verdict.doubts, "bindings": verdict.bindings}
        print(json.dumps({**form, **plan.form(decisions, found)}, indent=2))
    else:
        if verdict.against:
            plan.show(
                console.out(), [each for each in decisions if proof.writes(each) or each.plan is None], found, output, given["expand"]
            )
        click.echo(verdict.told)
        click.echo("\n".join(f"  - {each}" for each in verdict.against) or "nothing would be written to AWS; next: albatross migrate")
    ctx.exit(1 if verdict.doubts else plan.CHANGES if verdict.writes else 0)


command = adopt
