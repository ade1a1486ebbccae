"""A card as SVG. The content of a box does not depend on its place, so that a change of a box replaces only its content."""

from collections.abc import Iterable, Mapping

from albatross.catalog.bounds import shortened
from albatross.page.layout import LOW, TALL, WIDTH, Drawing, Spotted, draw, width
from albatross.page.markup import Markup, joined, tag
from albatross.page.view import TARGET, Box, Card, Flaw, Health
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
            tag("text", cut(found.text, room - 40 - len(found.state) * 6.6, 6.2), x=28, y=36, class_="more") if tall else None,
            _end(found),
            href=f"thing?id={found.id}",
            class_=f"box {found.health}{' leaf' if found.column == TARGET else ''}",
        ),
        id=found.id,
        more={"hx-swap-oob": "outerMorph"} if swap else {},
    )


def _end(found: Box) -> Markup:
    """At the right end of a box: the number of its problems, and its state, which is in the second line if there is one."""
    flag = tag("tspan", f" ⚑{len(found.flaws)}", class_=flagged(found.flaws)) if found.flaws else None
    if not found.text:
        return _right(18, found.state, flag)
    return joined(_right(18, "", flag), _right(36, found.state, None))


def _right(y: int, state: str, flag: Markup | None) -> Markup:
    return tag("text", state, flag, x="100%", y=y, dx=-8, class_="state") if state or flag else Markup("")


def flagged(found: Iterable[Flaw]) -> str:
    """The class of a flag: milder if no problem is an error."""
    return "flag" if any(flaw.severity == "error" for flaw in found) else "flag mild"


def _cut(text: str, width: int, found: Box) -> str:
    """The title, so short that the state fits behind it."""
    end = (0 if found.text else len(found.state) * 6.6) + (24 if found.flaws else 0)
    return middle(text, width - 44 - end, 8.1 if found.column != TARGET else 7.4)


def middle(text: str, width: float, each: float) -> str:
    """The start and the end of a text that fit into a width: the names of pods differ at their end."""
    most = max(6, int(width / each))
    end = most // 2
    return text if len(text) <= most else f"{text[: most - end - 1]}…{text[-end:]}"


def cut(text: str, width: float, each: float) -> str:
    """The start of a text that fits into a width. `each` is the width of a character in DejaVu Sans, which is wider than most fonts."""
    most = max(4, int(width / each))
    return shortened(text, most)


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
