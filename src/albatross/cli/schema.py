"""`albatross schema`: the annotations as a JSON Schema."""

import json

import click

from albatross.catalog import editor


@click.command()
def schema() -> None:
    """Print a JSON Schema of all annotations, for editors that complete and check YAML.

    With the YAML language server, this line at the start of a manifest is enough: `# yaml-language-server: $schema=FILE`.
    """
    click.echo(json.dumps(editor.schema(), indent=2))
