"""`albatross completion SHELL`: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from albatross.cli.group import albatross

VARIABLE = "_ALBATROSS_COMPLETE"
"""The environment variable by which the script asks the program; its name is a convention of click."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    For bash and zsh: `source <(albatross completion bash)`; for fish: `albatross completion fish | source`.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(f"this version of click does not complete for {shell}")
    click.echo(found(albatross, {}, "albatross", VARIABLE).source())
