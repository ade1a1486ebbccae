"""The difference of two views, as one message to the page: only the parts that are different."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from albatross.page import rows, sheet
from albatross.page.layout import shape
from albatross.page.markup import Markup, joined, tag
from albatross.page.picture import swapped
from albatross.page.view import Card, PageView, PlanRow

T = TypeVar("T", Card, PlanRow)
V = TypeVar("V")


def change(old: PageView, new: PageView) -> Markup:
    """The message that turns a page with the old view into one with the new view; empty if they do not differ."""
    parts: list[Markup] = []
    if (old.place, _healths(old)) != (new.place, _healths(new)):
        parts.append(sheet.swap(sheet.header(new)))
    if sheet.notice(old) != sheet.notice(new):
        parts.append(sheet.swap(sheet.notice(new)))
    parts += _rows("cards", _by_id(old.cards), _by_id(new.cards), lambda _, card: sheet.frame(card))
    for card, before in _both(_by_id(old.cards), _by_id(new.cards)):
        parts += _card(before, card)
    parts += _problems(old, new)
    parts += _plans(old, new)
    if old.calls != new.calls:
        parts.append(sheet.swap(rows.calls(new)))
    return joined(*parts)


def whole(view: PageView) -> Markup:
    """The message that replaces every part, for a page with a view that is not known any more."""
    parts = (sheet.header, sheet.notice, sheet.cards, rows.problems, rows.plans, rows.calls)
    return joined(*(sheet.swap(part(view), "outerHTML") for part in parts))


def _healths(view: PageView) -> list[str]:
    return [card.health for card in view.cards]


def _by_id(cards: Iterable[Card]) -> Mapping[str, Card]:
    return {card.id: card for card in cards}


def _both(old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[T, T]]:
    """What is in both and differs: the new one and the old one. The same value costs no comparison."""
    for id, found in new.items():
        before = old.get(id)
        if before is not None and before is not found and before != found:
            yield found, before


def _rows(place: str, old: Mapping[str, V], new: Mapping[str, V], written: Callable[[str, V], Markup]) -> Iterator[Markup]:
    """Entries of a list that are missing now, and those that are new, each behind its neighbour."""
    for id in old:
        if id not in new:
            yield tag("div", id=id, more={"hx-swap-oob": "delete"})
    before = ""
    for id, found in new.items():
        if id not in old:
            where = f"afterend:#{before}" if before else f"afterbegin:#{place}"
            yield tag("div", written(id, found), more={"hx-swap-oob": where})
        before = id


def _card(old: Card, new: Card) -> Iterator[Markup]:
    """The line of a card; of its picture the boxes that differ, or all of it if a box has another place."""
    if sheet.summary(old) != sheet.summary(new):
        yield sheet.swap(sheet.summary(new))
    if shape(old) != shape(new) or (old.flaws, old.objects) != (new.flaws, new.objects):
        yield sheet.asks(new)
    boxes = {box.id: box for box in old.boxes}
    for box in new.boxes:
        before = boxes.get(box.id)
        if before is not None and before != box:
            yield swapped(box)
            yield sheet.asks_thing(box)


def _problems(old: PageView, new: PageView) -> Iterator[Markup]:
    if rows.number(old) != rows.number(new):
        yield sheet.swap(rows.counted(new))
    before, after = rows.listed(old), rows.listed(new)
    if before != after:
        yield from _rows("flaws", before, after, rows.problem)


def _plans(old: PageView, new: PageView) -> Iterator[Markup]:
    if not old.plans and new.plans:
        yield sheet.swap(rows.plans(new))
        return
    before, after = ({f"plan-{row.number}": row for row in view.plans} for view in (old, new))
    yield from _rows("rows", before, after, lambda _, row: rows.plan(row))
    yield from (sheet.swap(rows.planned(row)) for row, _ in _both(before, after))


def events(version: int, messages: Sequence[str]) -> str:
    """A message as a server-sent event (HTML standard, section 9.2): each line of its data has a prefix."""
    data = "".join(f"data: {line}\n" for message in messages for line in message.split("\n"))
    return f"id: {version}\n{data}\n"
