"""`albatross model`: the AWS resources that manifests describe, as JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from albatross import pipeline
from albatross.aws.read.recorded import Recording
from albatross.catalog import problems as table
from albatross.catalog import tracking
from albatross.cli import decision, option
from albatross.frontend import ROOTS
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.ident import Ident
from albatross.model.problem import Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot
from albatross.planner.document import document

Answers = Recording | None


@click.command()
@option.files
@option.namespace
@click.option(
    "--facts",
    "recording",
    default="",
    metavar="FILE",
    help="A file with answers of AWS, written by `albatross record`. With it, the files are the whole cluster.",
)
@option.settings
@option.output("stack")
def model(paths: tuple[str, ...], namespace: str, recording: str, config: Config, output: str) -> None:
    """Print the AWS resources and the problems of each group of objects, as JSON."""
    answers = decision.recording(recording) if recording else None
    loaded = decision.load(paths, namespace, complete=bool(recording))
    for problem in loaded.problems:
        click.echo(f"{problem.origin.object}: {table.message(problem)}", err=True)
    click.echo(json.dumps(compiled(loaded.snapshot, answers, config), indent=1, sort_keys=True))


def compiled(snapshot: Snapshot, answers: Answers, config: Config) -> dict[str, Any]:
    """`{stack id: {"stack": …, "problems": […]}}`; objects without a known group have their own name as key."""
    survey = pipeline.survey(snapshot, config)
    found: dict[str, Any] = {}
    for ident, wrong in survey.problems.items():
        found[_own(ident)] = {"stack": None, "problems": spelled(wrong)}
    for prepared in decision.prepare(snapshot, config, survey):
        built = pipeline.build(prepared, _facts(answers, prepared.questions | prepared.extra, config), config)
        key = tracking.output(prepared.id)
        known = found.get(key, {}).get("problems", [])
        own = [problem for problem in spelled(built.problems) if problem not in known]
        found[key] = {"stack": document(built.stack) if built.stack else None, "problems": [*known, *own]}
    return found


def _own(ident: Ident) -> str:
    """The key of the stack that an object would have alone."""
    return tracking.output(StackId(ROOTS[ident.kind].OWNERS[0], *ident.key))


def _facts(answers: Answers, questions: Iterable[Question], config: Config) -> Facts:
    return answers.answer(questions, config) if answers else Facts()


def spelled(problems: Iterable[Problem]) -> list[Mapping[str, str]]:
    """The JSON form of problems, with their texts."""
    return [
        {
            "code": problem.code,
            "severity": table.severity(problem),
            "object": problem.origin.object,
            "field": problem.origin.field + (f" {problem.origin.pointer}" if problem.origin.pointer else ""),
            "message": table.message(problem),
            "fix": table.remedy(problem),
        }
        for problem in problems
    ]
