"""`albatross lint`: everything that is wrong with manifests, at once."""

import json

import click
from rich.text import Text

from albatross.cli import decision, option
from albatross.cli.terminal import console, diagnostic
from albatross.cli.terminal.diagnostic import Finding
from albatross.manifests import Loaded
from albatross.model.config import Config


@click.command()
@option.files
@option.namespace
@option.facts
@option.output("text", "json", "github")
@option.settings
@click.pass_context
def lint(ctx: click.Context, config: Config, paths: tuple[str, ...], namespace: str, facts: str, output: str) -> None:
    """Say everything that is wrong in manifests: code, place, why and fix.

    Exit code 0 without errors (warnings and notes may be said), 1 with errors.
    """
    loaded = decision.load(paths, namespace)
    decisions, loose = decision.offline(loaded.snapshot, config, facts)
    problems = [*loaded.problems, *loose, *(problem for each in decisions for problem in each.problems)]
    found = diagnostic.findings(problems, loaded.sources)
    say(found, loaded, output)
    ctx.exit(1 if diagnostic.count(found)["error"] else 0)


def say(found: list[Finding], loaded: Loaded, output: str) -> None:
    """Prints what was found; only the text form has a summary of what was read."""
    screen = console.out()
    match output:
        case "json":
            print(json.dumps({"problems": [diagnostic.form(each) for each in found], **diagnostic.count(found)}, indent=2))
        case "github":
            for each in found:
                print(diagnostic.github(each))
        case _:
            diagnostic.show(screen, found)
            screen.print(Text.assemble((diagnostic.summary(diagnostic.count(found)), "bold"), f" in {read(loaded)}"))


def read(loaded: Loaded) -> str:
    """`2 files (1 Ingress, 1 Service; 3 other objects have no say)`."""
    snapshot = loaded.snapshot
    kinds = [(len(snapshot.ingresses), "Ingress"), (len(snapshot.services), "Service")]
    parts = [f"{number} {name}{_plural(name, number)}" for number, name in kinds]
    others = sum(loaded.ignored.values())
    rest = f"; {others} object{_plural('object', others)} of kinds that have no say" if others else ""
    files = len(loaded.sources.texts)
    return f"{files} file{_plural('file', files)} ({', '.join(parts)}{rest})"


def _plural(name: str, number: int) -> str:
    return "" if number == 1 else "es" if name.endswith("s") else "s"
