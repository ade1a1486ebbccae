"""The project speaks of itself only, leaves nothing half done, and says everything to its users in plain words."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import pytest
from measure import ROOT, nodes

from albatross.catalog.annotations import ANNOTATIONS
from albatross.catalog.fixes import FIXES
from albatross.catalog.parameters import PARAMETERS
from albatross.catalog.problems import PROBLEMS
from albatross.catalog.settings import SETTINGS
from albatross.cli.group import COMMANDS, albatross

UNDONE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|Not" + r"ImplementedError")
FOLDERS = ("src", "packages", "tests", "docs", "designs", "changes", "benchmarks")
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".cfg", ".txt"}

PLAIN: Mapping[str, str] = {
    r"mend(s|ed|ing)?": "fix, correct",
    r"told|tells? of": "report, reported",
    r"stands?|stood|standing": "is, exists, occurs",
    r"speaks?|spoken": "uses, supports, mentions",
    r"taken|takes?(?! (over|turns|minutes|twice|longer|at least|[0-9]))": "accept, use, remove",
    r"wants?|wanted": "need, require",
    r"gone": "deleted, missing",
    r"curious": "optional",
    r"anew": "again",
    r"ever more": "more and more, growing",
    r"comes? of": "is caused by",
    r"in (its|their) (place|stead)": "instead",
    r"none of": "not one of, no … of",
    r"(?<!there )(is|are|be|was) no(?! longer\b) [a-z]+": "is not a",
    r"misspelt": "misspelled",
    r"whose": "a new sentence, or 'of the'",
    r"nothing of": "no … of",
    r"beside": "next to, together with",
    r"but for|save for": "except",
    r"otherwise than": "differently from",
    r"says? nothing": "is not set",
    r"counts(?=[;,.]|$)": "is used",
    r"as good as": "a plain verb",
    r"for want of|lest|hence|whence|whereby|thereof|thereby|therein|heed|forthwith|withal|nigh|ere": "a common word",
    r"with the eyes of|in vain|deaf|blind to": "a plain verb instead of a metaphor",
    r"brings? (it|that|this) about": "causes",
    r"cannot be told": "is unknown",
    r"(had|have|has|having) (it|them|this|that) [a-z]+ed": "request, let, or the plain verb",
    r"tried again": "the controller retries",
    r"looked at": "read, checked, reconciled",
}
"""Words and phrases that texts for users must not have, as regular expressions, and what to write instead."""

QUOTED = re.compile(r"`[^`]*`|\{[^}]*\}")
"""Code and the names of arguments, which are not prose."""


def files() -> list[Path]:
    inside = [p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in TEXT and "conformance" not in p.parts]
    return [*inside, *ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "conftest.py"]


def test_nothing_is_left_undone() -> None:
    found = {str(path.relative_to(ROOT)): UNDONE.findall(path.read_text(errors="replace")) for path in files()}
    assert len(found) > 1000
    assert not {name: hits for name, hits in found.items() if hits}


def test_the_lock_names_no_registry() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


# Plain words -------------------------------------------------------------------------------------------------------

ROOMS = ("admission", "catalog", "checks", "cli", "controller", "frontend", "install", "manifests", "planner")
"""Packages that hold texts for users."""

Texts = Iterator[tuple[str, str]]
"""(where, text) pairs."""


def problems() -> Texts:
    for row in PROBLEMS.values():
        for field in ("summary", "why", "fix", "unshown"):
            yield f"{row.code} {field}", getattr(row, field)
    yield from ((f"{code} lint --fix", row.about) for code, row in FIXES.items())


def settings() -> Texts:
    yield from ((f"--{row.flag}", row.help) for row in SETTINGS)


def annotations() -> Texts:
    for row in ANNOTATIONS.values():
        yield row.key, f"{row.about}; {row.default}; {row.range}; {row.deprecated}; {row.merge.value}"
    for name, field in PARAMETERS.items():
        yield f"IngressClassParams {name}", f"{field.about}; {field.range}; {field.empty}; {field.wins.value}; {field.scope.value}"


def helped() -> Texts:
    context = click.Context(albatross)
    for name, entry in COMMANDS.items():
        yield f"albatross {name}", entry.help
        command = albatross.get_command(context, name)
        commands = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
        for each in filter(None, commands):
            yield f"albatross {name} --help", each.help or ""
            yield from ((f"albatross {name} {p.name}", p.help or "") for p in each.params if isinstance(p, click.Option))


def written() -> Texts:
    """Texts in code that are longer than a word: what the command line prints, and parts of messages. Not docstrings."""
    for path in (path for room in ROOMS for path in (ROOT / "src/albatross" / room).rglob("*.py")):
        silent = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
        for node in nodes(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value and id(node) not in silent:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def docstrings() -> Texts:
    """Docstrings of the product; the tree of exceptions is a list of names."""
    for path in (path for path in (ROOT / "src/albatross").rglob("*.py") if path.name != "errors.py" or path.parent.name != "albatross"):
        for node in nodes(path):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value.value


def pages() -> Texts:
    """Pages of prose; `problems.md` has only what `problems` gives, and examples."""
    folders = (ROOT, ROOT / "docs", ROOT / "designs", ROOT / "changes")
    for path in (page for folder in folders for page in folder.glob("*.md") if page.name != "problems.md"):
        yield from ((f"{path.name}:{n}", line) for n, line in enumerate(path.read_text().splitlines(), 1))


@pytest.mark.parametrize("texts", [problems, settings, annotations, helped, written, docstrings, pages], ids=lambda each: each.__name__)
def test_readers_find_plain_words(texts: Callable[[], Texts]) -> None:
    banned = [(re.compile(rf"\b({word})\b", re.IGNORECASE), better) for word, better in PLAIN.items()]
    whole = re.compile(rf"\b({'|'.join(PLAIN)})\b", re.IGNORECASE)
    found = [
        f'{where}: "{hit[0]}" → write: {better}'
        for where, text in texts()
        if whole.search(prose := QUOTED.sub("…", text))
        for pattern, better in banned
        for hit in pattern.finditer(prose)
    ]
    assert not found, "\n".join(found)
