"""A card as SVG. The content of a box does not depend on its place, so that a change of a box replaces only its content."""

from collections.abc import Mapping

from albatross.page.layout import LOW, TALL, WIDTH, Drawing, Spotted, draw, width
from albatross.page.markup import Markup, joined, tag
from albatross.page.view import TARGET, Box, Card, Health
from albatross.wording.words import plural

SIGNS: Mapping[Health, str] = {"idle": "○", "good": "✓", "warn": "▲", "bad": "✕"}
"""A sign for each state, so that colour is not the only difference."""
WORDS: Mapping[Health, str] = {"idle": "not known", "good": "healthy", "warn": "needs attention", "bad": "has a problem"}


def picture(card: Card, many: bool = False) -> Markup:
    """The picture of a card, with its title for readers of the screen."""
    found = draw(card, many)
    label = f"{card.name}: {card.numbers}"
    return tag(
        "svg",
        tag("title", label),
        tag("g", *(tag("path", d=line) for line in found.lines), class_="wires", aria_hidden="true"),
        *_boxes(found),
        id=f"{card.id}-svg",
        class_="picture",
        viewBox=f"0 0 {WIDTH} {found.height}",
        width=WIDTH,
        height=found.height,
        role="group",
        aria_label=label,
    )


def _boxes(found: Drawing) -> list[Markup]:
    return [_placed(each) for each in found.places]


def _placed(spotted: Spotted) -> Markup:
    """The frame of a box. It clips text that is too long; the whole text is in its title."""
    return tag("svg", box(spotted.box, spotted.width), x=spotted.x, y=spotted.y, width=spotted.width, height=spotted.height)


def box(found: Box, room: int, swap: bool = False) -> Markup:
    """The content of a box: a link to its details. With `swap` it replaces the box of the same id."""
    tall = found.text != ""
    return tag(
        "g",
        tag(
            "a",
            tag("title", title(found)),
            tag("rect", width="100%", height="100%", rx=5),
            tag("path", d=f"M3 0V{TALL if tall else LOW}", class_="mark"),
            tag("text", SIGNS[found.health], x=12, y=18, class_="sign"),
            tag("text", _cut(found.title, room, found), x=28, y=18, class_="name"),
            tag("text", cut(found.text, room - 40, 5.9), x=28, y=36, class_="more") if tall else None,
            _end(found),
            href=f"thing?id={found.id}",
            class_=f"box {found.health}",
        ),
        id=found.id,
        more={"hx-swap-oob": "outerMorph"} if swap else {},
    )


def _end(found: Box) -> Markup:
    """At the right end of a box: its state, and the number of its problems."""
    flag = tag("tspan", f" ⚑{len(found.flaws)}", class_="flag") if found.flaws else None
    if not (found.state or flag):
        return Markup("")
    return tag("text", found.state, flag, x="100%", y=18, dx=-8, class_="state")


def _cut(text: str, width: int, found: Box) -> str:
    """The title, so short that the state fits behind it."""
    end = len(found.state) * 6.2 + (24 if found.flaws else 0)
    return cut(text, width - 44 - end, 7.0 if found.column != TARGET else 6.6)


def cut(text: str, width: float, each: float) -> str:
    """The start of a text that fits into a width. `each` is the usual width of a character (measured with DejaVu Sans, the widest)."""
    most = max(4, int(width / each))
    return text if len(text) <= most else text[: most - 1] + "…"


def title(found: Box) -> str:
    """A box in one line, for the pointer and for readers of the screen."""
    said = [f"{found.noun} {found.title}", found.text, found.state or WORDS[found.health]]
    if found.flaws:
        said.append(plural("problem", len(found.flaws)))
    return ", ".join(each for each in said if each)


def swapped(found: Box) -> Markup:
    """The new content of a box, as a message to the page."""
    return tag("svg", box(found, width(found), swap=True))


def signed(health: Health) -> Markup:
    """A sign with its colour, and a word for readers of the screen."""
    return joined(tag("span", SIGNS[health], class_=f"sign {health}", aria_hidden="true"), tag("span", WORDS[health], class_="unseen"))
