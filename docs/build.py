"""Writes the generated reference pages from the catalog; `python -m docs.build --check` fails where a page is not what it would write."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from albatross.catalog.annotations import ANNOTATIONS, PREFIX
from albatross.catalog.problems import PROBLEMS, Row
from albatross.catalog.settings import SETTINGS

FOLDER = Path(__file__).parent
NOTE = "<!-- Written by `make docs` from the catalog; edits are lost. -->"
FAMILIES = {"1": "Input", "2": "Cluster", "3": "AWS facts", "4": "Limits", "5": "Apply", "6": "Health", "7": "Identity and install"}


def cell(text: str) -> str:
    """Text that does not end its table cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def code(text: str) -> str:
    """Inline code, or nothing."""
    return f"`{cell(text)}`" if text else ""


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A Markdown table."""
    names = list(heads)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def annotations() -> Iterator[str]:
    """annotations.md."""
    yield "# Annotations"
    yield ""
    yield f"Every key starts with `{PREFIX}`. *Merge* says how the members of a group come to one value."
    yield "A value that cannot be read, an unknown key and a setting without effect are problems with a place: `albatross lint -f FILE`."
    yield ""
    rows = ANNOTATIONS.values()
    yield from table(
        ("Annotation", "Type", "Default", "Range", "On", "Merge", "What it does"),
        (
            (
                f"[`{r.name}`]({r.source})" if r.source else code(r.name),
                cell(r.type) + (f" ({r.unit})" if r.unit else ""),
                cell(r.default),
                cell(r.range),
                ", ".join(r.kinds),
                cell(r.merge.value),
                cell(r.about) + (f". Since {r.since}" if r.since else "") + (f". Deprecated: {cell(r.deprecated)}" if r.deprecated else ""),
            )
            for r in rows
        ),
    )
    yield ""
    yield "## Examples"
    yield ""
    yield from table(("Annotation", "Example"), ((code(r.name), code(r.example)) for r in rows if r.example))


def problems() -> Iterator[str]:
    """problems.md."""
    yield "# Problems"
    yield ""
    yield "What `lint`, `plan` and the controller can say. `albatross explain CODE` prints one of them. Codes are never reused."
    for family, group in groupby(sorted(PROBLEMS.values(), key=lambda r: r.code), key=lambda r: r.code[2]):
        yield ""
        yield f"## {FAMILIES[family]}"
        for row in group:
            yield from _problem(row)


def _problem(row: Row) -> Iterator[str]:
    yield ""
    yield f"### {row.code} {row.slug}"
    yield ""
    yield f"*{row.severity}*: {row.summary}"
    yield ""
    yield f"- why: {row.why}"
    yield f"- fix: {row.fix}"
    if row.source:
        yield f"- source: <{row.source}>"
    if row.example:
        yield from (
            "",
            "Broken:",
            "",
            "```yaml",
            row.example.broken.strip(),
            "```",
            "",
            "Mended:",
            "",
            "```yaml",
            row.example.mended.strip(),
            "```",
        )


def settings() -> Iterator[str]:
    """settings.md."""
    yield "# Settings of the controller"
    yield ""
    yield "A flag of `albatross run` wins over its environment variable. Names are those of the AWS Load Balancer Controller."
    yield "A setting marked *no effect yet* is accepted, so that a deployment can be moved as it is, and says so at start."
    yield ""
    yield from table(
        ("Flag", "Environment", "Type", "Default", "Meaning"),
        (
            (
                code("--" + r.flag),
                code(r.env),
                r.kind + (": " + ", ".join(r.choices) if r.choices else ""),
                code(r.default),
                cell(r.help) + ("" if r.field else " *No effect yet.*"),
            )
            for r in SETTINGS
        ),
    )


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {"annotations.md": annotations, "problems.md": problems, "settings.md": settings}


def main(arguments: list[str]) -> int:
    """0, or with `--check` the number of pages that are out of date."""
    stale = []
    for name, page in PAGES.items():
        path, text = FOLDER / name, "\n".join([NOTE, *page()]) + "\n"
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(text)
    for name in stale if "--check" in arguments else ():
        print(f"docs/{name} is not what the catalog says; `make docs` writes it anew", file=sys.stderr)
    return len(stale) if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
