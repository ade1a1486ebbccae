"""The page as HTML: its frame, and every part that can change by itself."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from albatross.page.markup import Markup, joined, tag
from albatross.page.picture import WORDS, flagged, picture, signed
from albatross.page.rows import calls, flaws, plans, problems
from albatross.page.view import RANKS, Box, Card, PageView
from albatross.wording import words
from albatross.wording.fold import shown
from albatross.wording.words import plural

OPEN = 6
"""Up to this number of cards, all of them are open at first; of more only those with a problem (chosen by us)."""
OPEN_FLAWED = 3
CONFIG = '{"includeIndicatorCSS": false, "history": false, "morphScanLimit": 30}'
"""For htmx: no styles of its own, because the policy of the page forbids them, and no entries in the history of the browser."""
EXAMPLE = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: example
  namespace: default
  annotations:
    alb.ingress.kubernetes.io/scheme: internal
spec:
  ingressClassName: alb
  rules:
  - host: example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: example
            port:
              number: 80
"""
"""An Ingress to start from, in the text box."""
FIRST = "There is no load balancer yet. To get one, apply an Ingress of class alb, for example the one in the text box below:"
LINKS = (
    ("cards", "Load balancers"),
    ("problems", "Problems"),
    ("plans", "Plans"),
    ("calls", "Calls to AWS"),
    ("trial", "Try an Ingress"),
)
TYPED = "input changed delay:400ms from:#typed, submit"
FILTER = "Show only load balancers with this text"
QUIET = frozenset({"id", "tags", "member", "zone", "reason", "description"})

Parts = Iterable[Markup]


def document(view: PageView, version: int) -> Markup:
    """The whole page."""
    return joined(
        Markup("<!doctype html>"),
        tag("html", _head(view), tag("body", _body(view, version)), lang="en"),
    )


def _head(view: PageView) -> Markup:
    cluster = dict(view.place).get("cluster", "")
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="htmx-config", content=CONFIG),
        tag("title", f"{cluster} – Albatross" if cluster else "Albatross"),
        tag("link", rel="icon", href="static/icon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="static/page.css"),
        *(tag("script", src=f"static/{name}", defer=True) for name in ("htmx.min.js", "hx-sse.min.js", "page.js")),
    )


def _body(view: PageView, version: int) -> Markup:
    return joined(
        tag("a", "Skip to the load balancers", href="#cards", class_="skip"),
        tag(
            "header",
            tag("h1", "Albatross"),
            header(view),
            tag("span", "not live yet", id="stream", role="status", class_="stream"),
            tag("nav", *(tag("a", text, href=f"#{id}") for id, text in LINKS), aria_label="Parts of the page"),
        ),
        tag("div", id="live", more={"hx-sse:connect": f"events?since={version}", "hx-swap": "none"}),
        tag(
            "main",
            tag("div", notice(view), _cards(view), problems(view), plans(view), calls(view), _trial(), class_="wide"),
            tag(
                "aside",
                tag("h2", "Details"),
                tag("div", tag("p", "Select a box to see all that is known about it."), id="thing", aria_live="polite"),
                aria_label="Details",
            ),
        ),
        tag(
            "footer",
            tag("a", "model.json", href="model.json"),
            " · ",
            tag("a", "model.dot", href="model.dot"),
            " · this page only reads",
        ),
    )


def swap(part: Markup, how: str = "outerMorph") -> Markup:
    """A part of the page as a message: it replaces the part with the same id. The part must start with an element."""
    name, space, rest = part.partition(" ")
    return Markup(f'{name} hx-swap-oob="{how}"{space}{rest}')


# The head of the page ------------------------------------------------------------------------------------------------


def header(view: PageView) -> Markup:
    """Where this is, and how many load balancers are healthy."""
    healths = [card.health for card in view.cards]
    counted = [(each, healths.count(each)) for each in sorted(RANKS, key=lambda each: -RANKS[each])]
    total = joined(*(tag("span", signed(each), f" {number}", class_="count") for each, number in counted if number), between=" ")
    place = joined(*(tag("span", tag("span", f"{name} ", class_="key"), value) for name, value in view.place if value), between=" ")
    return tag("div", tag("p", place, class_="place"), tag("p", total, class_="total"), id="head")


def notice(view: PageView) -> Markup:
    """What to know before reading: objects are not listed yet, another replica leads, or there is no load balancer."""
    said: list[Markup] = []
    if not view.listed:
        said.append(tag("p", "The objects of the cluster are not listed yet."))
    elif not view.leading:
        said.append(tag("p", f"This replica waits, so it knows no plans and no targets. The leader is {view.leader or 'not known'}."))
        if view.command:
            said.append(tag("pre", view.command))
    elif not view.cards:
        said += (tag("p", FIRST), tag("pre", EXAMPLE))
    return tag("div", *said, id="notice", class_="notice" if said else "unseen")


# Cards ---------------------------------------------------------------------------------------------------------------


def _cards(view: PageView) -> Markup:
    return tag(
        "section",
        tag("h2", "Load balancers"),
        tag(
            "input",
            type="search",
            id="filter",
            placeholder="name, host, object or state",
            aria_label=FILTER,
        )
        if len(view.cards) > OPEN
        else None,
        cards(view),
        aria_label="Load balancers",
    )


def cards(view: PageView) -> Markup:
    """All cards."""
    opened = _opened(view)
    return tag("div", *(frame(card, card.id in opened) for card in view.cards), id="cards")


def _opened(view: PageView) -> frozenset[str]:
    if len(view.cards) <= OPEN:
        return frozenset(card.id for card in view.cards)
    return frozenset([card.id for card in view.cards if card.health == "bad"][:OPEN_FLAWED])


def frame(card: Card, opened: bool = False) -> Markup:
    """A card: its summary, and its picture, which a closed card asks for when it is opened."""
    url = f"picture?card={card.id}"
    more = {} if opened else {"hx-get": url, "hx-trigger": f"toggle from:#{card.id} once"}
    inner = body(card) if opened else tag("a", "Show the picture", href=url)
    return tag(
        "details",
        summary(card),
        tag("div", inner, id=f"{card.id}-body", class_="body", more=more),
        id=card.id,
        class_="card",
        open=opened,
    )


def summary(card: Card) -> Markup:
    """The line of a card."""
    found = card.every
    flag = tag("span", f"⚑ {plural('problem', len(found))}", class_=flagged(found)) if found else None
    return tag(
        "summary",
        signed(card.health),
        tag("span", card.name, class_="name"),
        tag("span", card.numbers, class_="numbers"),
        tag("span", shown(card.hosts, ", "), class_="hosts"),
        flag,
        id=f"{card.id}-line",
        more={"data-words": " ".join((card.name, *card.objects, *card.hosts, card.health, WORDS[card.health]))},
    )


def body(card: Card, many: bool = False) -> Markup:
    """The picture of a card, its own problems, and the link that shows all of its boxes."""
    fold = None
    if card.folds:
        text = "Show fewer boxes" if many else f"Show all {len(card.boxes)} boxes"
        url = f"picture?card={card.id}" + ("" if many else "&many=1")
        fold = tag("a", text, href=url, class_="fold", more={"hx-get": url, "hx-target": f"#{card.id}-body"})
    return joined(
        tag("span", id=f"{card.id}-ask{'-many' if many else ''}"),
        tag("p", f"for {shown(card.objects, ', ')}", class_="objects") if card.objects else None,
        flaws(card.flaws),
        tag("div", picture(card, many), class_="scroll") if card.boxes else tag("p", "Nothing is created yet."),
        fold,
    )


def asks(card: Card) -> Markup:
    """A message that lets an open card ask for its picture again. A closed card has no such element, so it asks for nothing."""
    return joined(
        *(
            tag(
                "span",
                id=f"{card.id}-ask{end}",
                more={
                    "hx-swap-oob": "outerHTML",
                    "hx-get": f"picture?card={card.id}{query}",
                    "hx-trigger": "load",
                    "hx-target": f"#{card.id}-body",
                    "hx-swap": "innerMorph",
                },
            )
            for end, query in (("", ""), ("-many", "&many=1"))
        )
    )


def thing(card: Card, box: Box) -> Markup:
    """Everything that is known about a box."""
    rows = [("state", box.state), ("ARN", box.arn), *_fields(box.resource)]
    return joined(
        tag("h3", signed(box.health), f" {box.noun} {box.title}"),
        flaws(box.flaws),
        tag("dl", *(joined(tag("dt", name), tag("dd", value)) for name, value in rows if value)),
        tag("p", "of ", tag("a", card.name, href=f"#{card.id}"), class_="of"),
        tag("span", id=f"{box.id}-ask"),
    )


def asks_thing(box: Box) -> Markup:
    """A message that lets the details of a box, if they are shown, ask for their content again."""
    more = {"hx-swap-oob": "outerHTML", "hx-get": f"thing?id={box.id}", "hx-trigger": "load", "hx-target": "#thing"}
    return tag("span", id=f"{box.id}-ask", more=more)


def _fields(resource: Any) -> Iterable[tuple[str, str]]:
    """The fields of a resource that are set, in words. Secrets have no words."""
    if not is_dataclass(resource):
        return ()
    found = ((each.name, getattr(resource, each.name)) for each in fields(resource) if each.name not in QUIET)
    return tuple((name.replace("_", " "), words.value(value)) for name, value in found if value not in (None, "", ()))


# The text box --------------------------------------------------------------------------------------------------------


def _trial() -> Markup:
    more = {
        "hx-post": "trial",
        "hx-trigger": TYPED,
        "hx-target": "#tried",
        "hx-sync": "this:replace",
    }
    return tag(
        "section",
        tag("h2", "Try an Ingress"),
        tag("p", "Type or paste manifests. Nothing is stored, and nothing is created."),
        tag(
            "form",
            tag("label", "Manifests (YAML)", for_="typed"),
            tag("textarea", EXAMPLE, id="typed", name="text", rows=22, spellcheck="false", autocomplete="off"),
            tag("button", "Check", type="submit"),
            method="post",
            action="trial",
            more=more,
        ),
        tag("div", id="tried", aria_live="polite", aria_label="What lint and plan say"),
        id="trial",
        aria_label="Try an Ingress",
    )


def alone(title: str, part: Markup) -> Markup:
    """A part as a page of its own, for a browser without scripts."""
    head = tag("head", tag("meta", charset="utf-8"), tag("title", title), tag("link", rel="stylesheet", href="static/page.css"))
    back = tag("p", tag("a", "Back", href="."))
    return joined(Markup("<!doctype html>"), tag("html", head, tag("body", tag("main", tag("div", back, part, class_="wide"))), lang="en"))
