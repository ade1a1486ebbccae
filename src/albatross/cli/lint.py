"""`albatross lint`: all problems of manifests at once, and safe fixes."""

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from albatross import manifests, pipeline
from albatross.catalog.kinds import objects
from albatross.cli import decision, gate, option, project
from albatross.cli.fix import Fixed, diff, fix, show
from albatross.cli.terminal import console, diagnostic, junit, sarif
from albatross.cli.terminal.diagnostic import Finding
from albatross.frontend import ROOTS
from albatross.manifests import Loaded
from albatross.manifests.text import STDIN
from albatross.model.config import Config
from albatross.model.problem import Problem

FAIL = "The exit code is 1 with a problem of this severity, or a worse one. Default: error."

FAILING = {"error": frozenset({"error"}), "warning": frozenset({"error", "warning"})}
"""The severities that fail, for each value of --fail-on."""

FORMS = ("sarif", "junit")
"""Output formats that are one document, with nothing before or after it."""


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@option.files
@option.namespace
@option.facts
@click.option("--fail-on", type=click.Choice(project.LIMITS), help=FAIL)
@click.option("--select", metavar="CODES", help="Show only these problems: codes or slugs, separated by commas.")
@click.option("--ignore", metavar="CODES", help="Do not show these problems. A comment `# albatross: ignore CODE` does it for one line.")
@click.option("--fix", is_flag=True, help="Rewrite values that have only one possible correction, then show the remaining problems.")
@click.option("--diff", "--fix-dry-run", "dry", is_flag=True, help="Show what --fix would rewrite; change nothing.")
@option.output("text", "json", "github", "sarif", "junit")
@option.settings
@click.pass_context
def lint(ctx: click.Context, /, config: Config, paths: tuple[str, ...], namespace: str, **given: Any) -> None:
    """Show every problem in manifests: code, place, cause and fix.

    FILE is the same as -f FILE.

    With --fix, a value is rewritten if it was refused or ignored and only one correction is possible. Comments, order and everything
    else are kept, and the changes are shown. Standard input is written to standard output with the fixes; everything else then goes to
    standard error. Exit code 0: no errors (warnings and notes are possible, see --fail-on), 1: errors, 2: wrong usage.
    """
    paths = (*paths, *given["files"])
    rules = {**project.values(paths), **{key: text for key in project.OWN if (text := given[key.replace("-", "_")]) is not None}}
    counted = gate.gate(rules.get("select", ""), rules.get("ignore", ""))
    limit = rules.get("fail-on", project.LIMITS[0])

    def examine(loaded: Loaded) -> list[Problem]:
        decisions, loose = decision.offline(loaded.snapshot, config, given["facts"])
        single = pipeline.single(loaded.snapshot)
        every = decision.every([*loaded.problems, *single, *loose], decisions)
        return gate.kept(every, loaded, counted)

    if not (given["fix"] or given["dry"]):
        loaded = decision.load(paths, namespace)
        found = diagnostic.findings(examine(loaded), loaded.sources)
        say(console.out(), found, loaded, given["output"], limit)
        ctx.exit(code(found, limit))
    texts = list(manifests.texts(decision.named(paths)))
    fixed = fix(texts, namespace, examine)
    # a dry run changes no file, so the problems are those of the unchanged files
    loaded = manifests.read(texts, namespace=namespace) if given["dry"] else fixed.loaded
    unsaved = [] if given["dry"] else save(fixed)
    found = diagnostic.findings(examine(loaded), loaded.sources)
    tell(fixed, found, loaded, {**given, "fail_on": limit})
    for file, reason in unsaved:
        console.err().print(f"error: cannot write {file}: {reason}")
    ctx.exit(1 if unsaved else code(found, limit))


def code(found: Sequence[Finding], limit: str) -> int:
    """1 with an error; also with a warning, if warnings fail."""
    return int(any(each.severity in FAILING[limit] for each in found))


def save(fixed: Fixed) -> list[tuple[str, str]]:
    """Write the changed files; return the files that could not be written, with the reasons."""
    files = [(old, new) for old, new in fixed.changed if old.file != STDIN]
    return [(old.file, reason) for old, new in files if (reason := manifests.save(old.file, old.text, new.text))]


def tell(fixed: Fixed, found: list[Finding], loaded: Loaded, given: dict[str, Any]) -> None:
    """Print the diff, the number of fixes, the problems that were not fixed, and the remaining problems."""
    piped = next((text.text for text in fixed.after if text.file == STDIN), None)
    screen = console.out()
    if piped is not None and not given["dry"]:
        screen.file.write(piped)
        screen = console.err()
    if given["output"] == "json":
        report(screen, found, {"fixed": [_fixed(problem) for problem in fixed.problems], "diff": "".join(diff(fixed))})
        return
    if given["output"] in FORMS:
        say(screen, found, loaded, given["output"], given["fail_on"])
        return
    show(screen, fixed)
    for held in fixed.held:
        place = diagnostic.where(held.problem.origin, loaded.sources.locate(held.problem.origin))
        screen.print(f"not fixed: {held.problem.code} at {place}: {held.reason}")
    number, files = len(fixed.problems), len(fixed.changed)
    verb = "would fix" if given["dry"] else "fixed"
    screen.print(f"{verb} {number} problem{_plural('problem', number)} in {files} file{_plural('file', files)}", style="bold")
    say(screen, found, loaded, given["output"], given["fail_on"])


def _fixed(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "object": problem.origin.object, "field": problem.origin.field, "pointer": problem.origin.pointer}


def report(screen: Console, found: Sequence[Finding], more: dict[str, Any] | None = None) -> None:
    """Print the JSON form."""
    form = {**(more or {}), "problems": [diagnostic.form(each) for each in found], **dict[str, Any](diagnostic.count(found).items())}
    screen.file.write(json.dumps(form, indent=2) + "\n")


def say(screen: Console, found: list[Finding], loaded: Loaded, output: str, limit: str) -> None:
    """Print the problems; the text form also has a summary of the files. `limit` is the value of --fail-on."""
    match output:
        case "json":
            report(screen, found)
        case "github":
            for each in found:
                screen.file.write(diagnostic.github(each) + "\n")
        case "sarif":
            screen.file.write(json.dumps(sarif.log(found), indent=2) + "\n")
        case "junit":
            screen.file.write(junit.text(found, loaded.sources.texts, FAILING[limit]))
        case _:
            diagnostic.show(screen, found)
            screen.print(Text.assemble((diagnostic.summary(diagnostic.count(found)), "bold"), f" in {read(loaded)}"))


def read(loaded: Loaded) -> str:
    """`2 files (1 Ingress, 1 Service; 3 objects of other kinds)`."""
    kinds = [(len(objects(loaded.snapshot, kind)), kind) for kind in dict.fromkeys((*ROOTS, "Service"))]
    parts = [f"{number} {name}{_plural(name, number)}" for number, name in kinds]
    others = sum(loaded.ignored.values())
    rest = f"; {others} object{_plural('object', others)} of other kinds" if others else ""
    files = len(loaded.sources.texts)
    return f"{files} file{_plural('file', files)} ({', '.join(parts)}{rest})"


def _plural(name: str, number: int) -> str:
    return "" if number == 1 else "es" if name.endswith("s") else "s"
