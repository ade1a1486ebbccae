"""`albatross render`: the objects of an installation as YAML, for GitOps."""

from pathlib import Path

import click

from albatross.cli import chosen
from albatross.install.installation import Installation
from albatross.install.objects import objects
from albatross.install.text import document
from albatross.install.text import render as text


@click.command()
@chosen.options
@click.option(
    "-o", "--output", "target", default="", metavar="FILE", help="Write to this file, or into this folder: a file for each object."
)
def render(chosen: Installation, target: str) -> None:
    """Print the Kubernetes objects of an installation as YAML. The same options always give the same text.

    Neither the cluster nor AWS is asked. Apply the result with `kubectl apply --server-side -f -`, or commit it for a GitOps tool.
    """
    if not chosen.cluster_name:
        raise click.UsageError("--cluster-name is missing; `albatross install` can find it, but `render` asks no cluster")
    found = objects(chosen)
    if not target:
        click.echo(text(found), nl=False)
    elif target.endswith("/") or Path(target).is_dir():
        folder = Path(target)
        folder.mkdir(parents=True, exist_ok=True)
        for number, item in enumerate(found, 1):
            (folder / f"{number:02}-{item.kind.lower()}-{item.name}.yaml").write_text(document(item))
        click.echo(f"{len(found)} files are in {folder}", err=True)
    else:
        Path(target).write_text(text(found))
        click.echo(f"{len(found)} objects are in {target}", err=True)


command = render
