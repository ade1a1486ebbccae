"""`albatross lint`: everything that is wrong with manifests, at once, and what of it can be mended."""

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from albatross import manifests
from albatross.catalog.kinds import objects
from albatross.cli import decision, option
from albatross.cli.fix import Fixed, diff, fix, show
from albatross.cli.terminal import console, diagnostic
from albatross.cli.terminal.diagnostic import Finding
from albatross.frontend import ROOTS
from albatross.manifests import Loaded
from albatross.manifests.text import STDIN
from albatross.model.config import Config
from albatross.model.problem import Problem


@click.command()
@option.files
@option.namespace
@option.facts
@click.option("--fix", "mend", is_flag=True, help="Rewrite what only one thing can be meant by, then say what is left.")
@click.option("--diff", "--fix-dry-run", "dry", is_flag=True, help="Show what --fix would rewrite; change nothing.")
@option.output("text", "json", "github")
@option.settings
@click.pass_context
def lint(ctx: click.Context, /, config: Config, paths: tuple[str, ...], namespace: str, **given: Any) -> None:
    """Say everything that is wrong in manifests: code, place, why and fix.

    With --fix files are rewritten where they were refused or ignored and it is certain what was meant; comments, order and everything
    else stay, and the changes are shown. What comes from standard input goes to standard output, mended; all else is said on standard
    error then. Exit code 0 without errors (warnings and notes may be said), 1 with errors.
    """

    def examine(loaded: Loaded) -> list[Problem]:
        decisions, loose = decision.offline(loaded.snapshot, config, given["facts"])
        return [*loaded.problems, *loose, *(problem for each in decisions for problem in each.problems)]

    if not (given["mend"] or given["dry"]):
        loaded = decision.load(paths, namespace)
        found = diagnostic.findings(examine(loaded), loaded.sources)
        say(console.out(), found, loaded, given["output"])
        ctx.exit(1 if diagnostic.count(found)["error"] else 0)
    texts = list(manifests.texts(decision.named(paths)))
    fixed = fix(texts, namespace, examine)
    # nothing is changed by a look, so what it finds is what is there
    loaded = manifests.read(texts, namespace=namespace) if given["dry"] else fixed.loaded
    unsaved = [] if given["dry"] else save(fixed)
    found = diagnostic.findings(examine(loaded), loaded.sources)
    tell(fixed, found, loaded, given)
    for file, reason in unsaved:
        console.err().print(f"error: cannot write {file}: {reason}")
    ctx.exit(1 if unsaved or diagnostic.count(found)["error"] else 0)


def save(fixed: Fixed) -> list[tuple[str, str]]:
    """Writes the files that changed; returns those that could not be, with the reason."""
    files = [(old, new) for old, new in fixed.changed if old.file != STDIN]
    return [(old.file, reason) for old, new in files if (reason := manifests.save(old.file, old.text, new.text))]


def tell(fixed: Fixed, found: list[Finding], loaded: Loaded, given: dict[str, Any]) -> None:
    """Prints the diff, what was mended and what was not, and the problems."""
    piped = next((text.text for text in fixed.after if text.file == STDIN), None)
    screen = console.out()
    if piped is not None and not given["dry"]:
        screen.file.write(piped)
        screen = console.err()
    if given["output"] == "json":
        report(screen, found, {"fixed": [_mended(problem) for problem in fixed.mended], "diff": "".join(diff(fixed))})
        return
    show(screen, fixed)
    for held in fixed.held:
        place = diagnostic.where(held.problem.origin, loaded.sources.locate(held.problem.origin))
        screen.print(f"not mended: {held.problem.code} at {place}: {held.reason}")
    number, files = len(fixed.mended), len(fixed.changed)
    verb = "would mend" if given["dry"] else "mended"
    screen.print(f"{verb} {number} problem{_plural('problem', number)} in {files} file{_plural('file', files)}", style="bold")
    say(screen, found, loaded, given["output"])


def _mended(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "object": problem.origin.object, "field": problem.origin.field, "pointer": problem.origin.pointer}


def report(screen: Console, found: Sequence[Finding], more: dict[str, Any] | None = None) -> None:
    """Prints the JSON form."""
    form = {**(more or {}), "problems": [diagnostic.form(each) for each in found], **dict[str, Any](diagnostic.count(found).items())}
    screen.file.write(json.dumps(form, indent=2) + "\n")


def say(screen: Console, found: list[Finding], loaded: Loaded, output: str) -> None:
    """Prints what was found; only the text form has a summary of what was read."""
    match output:
        case "json":
            report(screen, found)
        case "github":
            for each in found:
                screen.file.write(diagnostic.github(each) + "\n")
        case _:
            diagnostic.show(screen, found)
            screen.print(Text.assemble((diagnostic.summary(diagnostic.count(found)), "bold"), f" in {read(loaded)}"))


def read(loaded: Loaded) -> str:
    """`2 files (1 Ingress, 1 Service; 3 other objects have no say)`."""
    kinds = [(len(objects(loaded.snapshot, kind)), kind) for kind in dict.fromkeys((*ROOTS, "Service"))]
    parts = [f"{number} {name}{_plural(name, number)}" for number, name in kinds]
    others = sum(loaded.ignored.values())
    rest = f"; {others} object{_plural('object', others)} of kinds that have no say" if others else ""
    files = len(loaded.sources.texts)
    return f"{files} file{_plural('file', files)} ({', '.join(parts)}{rest})"


def _plural(name: str, number: int) -> str:
    return "" if number == 1 else "es" if name.endswith("s") else "s"
