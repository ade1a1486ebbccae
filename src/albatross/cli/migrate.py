"""`albatross migrate`: from the AWS Load Balancer Controller to this one, and back."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import yaml

from albatross.cli import handover, live, option, proof, work
from albatross.cli.handover import Handover, HandoverError, Scene
from albatross.install import peer
from albatross.install.installation import IMAGE, Installation, Item
from albatross.install.objects import objects
from albatross.install.peer import Carried, Peer

SOURCE = "aws-load-balancer-controller"
OURS = "kube-system/albatross"
DIFFERENT = "decisions that differ on purpose: docs/deviations.md; --strict-groups and --strict-paths restore some of them"


@click.command()
@click.option("--from", "source", type=click.Choice([SOURCE]), default=SOURCE, show_default=True, help="The controller that works now.")
@click.option(
    "-f", "--filename", "paths", multiple=True, metavar="FILE", help="Read a Deployment or chart values; the cluster is not read."
)
@option.peer
@click.option("--deployment", "ours", default=OURS, show_default=True, metavar="NS/NAME", help="The Deployment of this controller.")
@click.option("--install", is_flag=True, help="With --yes: install this controller during the hand-over, if it is not installed.")
@click.option("--image", default=IMAGE, show_default=True, help="The image of this controller, for --install.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen. This is the default.")
@click.option("--yes", is_flag=True, help="Hand over, if the proof succeeds.")
@click.option("--back", is_flag=True, help="Undo a hand-over: start the other controller again.")
@option.peer_region
@option.peer_vpc
@click.option("--timeout", default=300.0, show_default=True, metavar="SECONDS", help="The longest time of one step.")
@option.kubeconfig
@option.context
def migrate(source: str, paths: tuple[str, ...], yes: bool, dry_run: bool, back: bool, **given: Any) -> None:
    """Move a cluster from the AWS Load Balancer Controller to this controller.

    It shows which settings carry over, and proves with the plan of the whole cluster that nothing would be written to AWS. With --yes, it
    then stops the other controller, and watches the first pass of this one. After any write to AWS or failed pass, everything goes back.
    """
    if yes and dry_run:
        raise click.UsageError("--yes and --dry-run exclude each other")
    if paths:
        _files(paths)
    elif back:
        _back(given, yes)
    else:
        _cluster(given, yes)


# Files ---------------------------------------------------------------------------------------------------------------


def _files(paths: Iterable[str]) -> None:
    for path in paths:
        for body in _documents(path):
            if peer.runs(body) if "kind" in body else False:
                _show(peer.peer(body))
            elif "kind" not in body:
                settings, table = peer.of_values(body)
                _table(f"values of {path}", table)
                _command(settings)
            else:
                click.echo(f"{path}: {body['kind']} is not read", err=True)


def _documents(path: str) -> list[Mapping[str, Any]]:
    try:
        found = [each for each in yaml.safe_load_all(Path(path).read_text()) if each is not None]
    except (OSError, yaml.YAMLError) as error:
        raise click.ClickException(f"cannot read {path}: {error}") from error
    if not all(isinstance(each, dict) for each in found):
        raise click.ClickException(f"{path} has neither Kubernetes objects nor chart values")
    return found


# The cluster ---------------------------------------------------------------------------------------------------------


def _cluster(given: Mapping[str, Any], yes: bool) -> None:
    scene = live.run(lambda: looked(given, given["ours"]))
    found = peer.peer(scene.theirs, scene.account, scene.hooks.values())
    _show(found)
    config = proof.config(found, given)
    decisions, problems, _ = live.decided(config, given)
    items = _items(found, given) if given["install"] and not scene.ours else ()
    doubts = [*proof.prove(decisions, problems), *([] if items else _unready(scene, found))]
    _hand(scene, found, items)
    if doubts:
        raise click.ClickException("nothing was handed over\n" + "\n".join(f"  - {each}" for each in doubts))
    if not yes:
        click.echo("nothing was changed; --yes hands over")
        return
    line = live.run(lambda: _over(given, scene, items))
    click.echo(f"this controller works now: {line['groups']} groups and {line['bindings']} bindings reconciled, nothing written to AWS")
    click.echo("to undo: albatross migrate --back --yes")


async def looked(given: Mapping[str, Any], ours: str) -> Scene:
    """What a hand-over involves. `ours` is NAMESPACE/NAME of this controller's Deployment. Errors: HandoverError."""
    async with work.opened(given) as at:
        return await handover.look(at.client, given["named"], ours)


async def _over(given: Mapping[str, Any], scene: Scene, items: Sequence[Item]) -> Mapping[str, Any]:
    async with work.opened(given) as at:
        return await Handover(at.client, click.echo, given["timeout"]).over(scene, items)


def _items(found: Peer, given: Mapping[str, Any]) -> tuple[Item, ...]:
    """The objects of this controller with the settings of the other one, without an IngressClass: the other one exists already."""
    settings = dict(peer.needed(peer.chosen(found)))
    placed = {flag: settings.pop(flag, "") for flag in ("cluster-name", "aws-region", "aws-vpc-id")}
    wanted = Installation(
        cluster_name=placed["cluster-name"],
        region=given["region"] or placed["aws-region"],
        vpc_id=given["vpc_id"] or placed["aws-vpc-id"],
        namespace=found.namespace,
        image=given["image"],
        role=found.role,
        settings=settings,
    )
    return tuple(item for item in objects(wanted) if item.kind not in ("IngressClass", "Namespace"))


def _unready(scene: Scene, found: Peer) -> list[str]:
    """Why this controller cannot take over yet."""
    if not handover.replicas(scene.theirs):
        return ["the other controller has no replicas; if it was handed over before, undo it with: albatross migrate --back --yes"]
    if not scene.ours:
        return [f"this controller is not installed; install it next to the other one, or use --install: {' '.join(_command_words(found))}"]
    settings = peer.parse(scene.ours["spec"]["template"]["spec"]["containers"][0].get("args") or ())
    unequal = peer.unequal(settings, found.settings)
    said = [
        f"--{flag} of this controller is {settings.get(flag, 'not set')}, there {found.settings.get(flag, 'not set')}" for flag in unequal
    ]
    leases = peer.lease(settings, scene.ours["metadata"]["namespace"]), peer.lease(found.settings, found.namespace)
    if leases[0] != leases[1]:
        said.append(f"this controller has the lease {leases[0]}, the other one {leases[1]}; install it in {found.namespace}")
    if handover.replicas(scene.ours) and not scene.ours.get("status", {}).get("readyReplicas"):
        said.append(f"no pod of Deployment {scene.ours['metadata']['name']} is ready")
    return said


def _back(given: Mapping[str, Any], yes: bool) -> None:
    async def undo() -> None:
        async with work.opened(given) as at:
            scene = await handover.look(at.client, given["named"], given["ours"])
            if handover.replicas(scene.theirs):
                raise HandoverError(f"Deployment {scene.theirs['metadata']['name']} has replicas; there is nothing to undo")
            if yes:
                await Handover(at.client, click.echo, given["timeout"]).back(scene.theirs, scene.ours)

    live.run(undo)
    if yes:
        click.echo("the other controller works again")
    else:
        click.echo(f"would stop {given['ours']}, start the other controller, and restore its webhooks; nothing was changed; --yes does it")


# Words ---------------------------------------------------------------------------------------------------------------


def _show(found: Peer) -> None:
    click.echo(f"{found.title}: {found.image}, {found.replicas} replicas, ServiceAccount {found.account}\n")
    _table("settings", peer.carried(found))
    _command(peer.chosen(found), found.role, found.namespace)


def _command(settings: Mapping[str, str], role: str = "", namespace: str = "kube-system") -> None:
    click.echo(f"\ninstall it with the same settings:\n  {' '.join(peer.command(settings, role, namespace))}\n{DIFFERENT}\n")


def _command_words(found: Peer) -> Iterable[str]:
    return peer.command(peer.chosen(found), found.role, found.namespace)


def _table(title: str, rows: Iterable[Carried]) -> None:
    click.echo(f"{title}:")
    for row in rows:
        renamed = f" → {row.to}" if row.to not in ("", row.name) else ""
        click.echo(f"  {row.fate:<13}  {row.name}={row.value}{renamed}" + (f"\n{'':17}{row.why}" if row.why else ""))


def _hand(scene: Scene, found: Peer, items: Sequence[Item]) -> None:
    """Say what a hand-over does."""
    hooks = ", ".join(scene.failing)
    steps = [
        f"save webhook configurations ({len(scene.hooks)}) and Services ({len(scene.services)}) in a ConfigMap, {handover.SAVED}",
        f"let requests pass while nothing answers these webhooks (failurePolicy → Ignore): {hooks}"
        if hooks
        else "no webhook blocks requests",
        *([f"install this controller ({len(items)} objects)"] if items else []),
        f"{found.title}: {found.replicas} replicas → 0; annotation {handover.REPLICAS} keeps the number",
        f"wait until this controller holds the lease {peer.lease(found.settings, found.namespace)}",
        "watch the first pass; after a write to AWS or a failed pass, everything goes back",
    ]
    click.echo("the hand-over:\n" + "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1)) + "\n")
