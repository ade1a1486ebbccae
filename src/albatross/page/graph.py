"""The model next to the page, for other programs: JSON and DOT (graphviz.org)."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from albatross.page.view import Card, Flaw, Health, PageView

COLOURS: dict[Health, str] = {"idle": "gray70", "good": "palegreen3", "warn": "khaki2", "bad": "lightcoral"}


def form(view: PageView) -> dict[str, Any]:
    """The JSON form: the cards with their boxes, the problems, the plans and the calls."""
    return {
        **{name: value for name, value in view.place if value},
        "leading": view.leading,
        "groups": [_card(card) for card in view.cards],
        "problems": [asdict(flaw) for flaw in view.flaws],
        "plans": [
            {
                "number": row.number,
                "time": row.time,
                "group": row.name,
                "changes": row.counts,
                "checksum": row.checksum,
                "state": row.state,
                "failed": [{"operation": name, "error": error} for name, error in row.failed],
            }
            for row in view.plans
        ],
        "calls": [asdict(row) for row in view.calls],
    }


def _card(card: Card) -> dict[str, Any]:
    nodes = [
        {
            "id": box.id,
            "kind": box.noun,
            "name": box.title,
            "text": box.text,
            "state": box.state,
            "health": box.health,
            "arn": box.arn,
            "problems": [asdict(flaw) for flaw in box.flaws],
        }
        for box in card.boxes
        if box.fold != "few"
    ]
    shown = {box.id for box in card.boxes if box.fold != "few"}
    flaws: tuple[Flaw, ...] = card.flaws
    return {
        "name": card.name,
        "objects": list(card.objects),
        "hosts": list(card.hosts),
        "health": card.health,
        "problems": [asdict(flaw) for flaw in flaws],
        "nodes": nodes,
        "edges": [{"from": wire.start, "to": wire.end} for wire in card.wires if wire.end in shown],
    }


def text(view: PageView) -> str:
    """The JSON text."""
    return json.dumps(form(view), indent=1, ensure_ascii=False)


def dot(view: PageView) -> str:
    """The cards as one directed graph, a cluster each."""
    return "\n".join(_dot(view)) + "\n"


def _dot(view: PageView) -> Iterator[str]:
    yield "digraph albatross {"
    yield "  rankdir=LR;"
    yield '  node [shape=box, style=filled, fontname="sans-serif"];'
    for card in view.cards:
        yield f"  subgraph cluster_{card.id} {{"
        yield f"    label={_quoted(card.name)};"
        for box in card.boxes:
            if box.fold != "few":
                label = "\n".join(each for each in (box.title, box.text, box.state) if each)
                yield f"    {box.id} [label={_quoted(label)}, fillcolor={COLOURS[box.health]}];"
        shown = {box.id for box in card.boxes if box.fold != "few"}
        yield from (f"    {wire.start} -> {wire.end};" for wire in card.wires if wire.end in shown)
        yield "  }"
    yield "}"


def _quoted(label: str) -> str:
    """A string of DOT. json has the same escapes for quotes and line ends."""
    return json.dumps(label, ensure_ascii=False)
