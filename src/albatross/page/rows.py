"""The lists of the page: problems, plans and calls to AWS."""

from collections.abc import Iterable, Mapping

from albatross.model.problem import Severity
from albatross.page.markup import Markup, joined, named, tag
from albatross.page.picture import signed
from albatross.page.view import CallRow, Card, Flaw, Health, PageView, PlanRow
from albatross.wording.fold import Block, shown

SIGNS: Mapping[Severity, Health] = {"error": "bad", "warning": "warn", "note": "idle"}
MOST = 50
"""The problems and plans that the page lists (chosen by us)."""


# Problems ------------------------------------------------------------------------------------------------------------


Listed = tuple[Flaw, Card | None]
"""A problem, and the card that has it."""


def listed(view: PageView) -> Mapping[str, Listed]:
    """The first problems, the worst first, by the id of their entry."""
    found: list[Listed] = [(flaw, card) for card in view.cards for flaw in card.every] + [(flaw, None) for flaw in view.flaws]
    order = ("error", "warning", "note")
    rows = sorted(found, key=lambda each: order.index(each[0].severity))[:MOST]
    return {f"f{named(card.id if card else '', flaw.code, flaw.where, flaw.message)}": (flaw, card) for flaw, card in rows}


def number(view: PageView) -> int:
    """The number of all problems."""
    return len(view.flaws) + sum(len(card.every) for card in view.cards)


def problems(view: PageView) -> Markup:
    """Every problem, the worst first, with the card that has it."""
    items = (problem(id, found) for id, found in listed(view).items())
    return tag("section", counted(view), tag("ul", *items, class_="flaws", id="flaws"), id="problems", aria_label="Problems")


def counted(view: PageView) -> Markup:
    """The heading of the problems: how many there are, and how many are listed."""
    total = number(view)
    rest = f" The first {MOST} are listed." if total > MOST else "" if total else " No problem is known."
    return tag("div", tag("h2", f"Problems ({total})"), tag("p", rest.strip()) if rest else None, id="counted")


def problem(id: str, found: Listed) -> Markup:
    """An entry of the list of problems."""
    flaw, card = found
    return tag("li", _flaw(flaw), tag("a", card.name, href=f"#{card.id}", class_="at") if card else None, id=id)


def flaws(found: Iterable[Flaw]) -> Markup:
    """Problems with their causes and fixes."""
    items = [tag("li", _flaw(each)) for each in found]
    return tag("ul", *items, class_="flaws") if items else Markup("")


def _flaw(found: Flaw) -> Markup:
    said = (("at", found.where), ("why", found.why), ("fix", found.fix))
    return joined(
        tag("p", signed(SIGNS[found.severity]), tag("b", f" {found.severity} {found.code} "), found.message),
        tag(
            "dl",
            *(joined(tag("dt", name), tag("dd", text)) for name, text in said if text),
        ),
    )


# Plans ---------------------------------------------------------------------------------------------------------------


def plans(view: PageView) -> Markup:
    """The plans since the start, the newest first."""
    return tag(
        "section",
        tag("h2", "Plans"),
        None if view.plans else tag("p", "No plan has changed anything since this replica leads."),
        tag("div", *(plan(each) for each in view.plans), id="rows"),
        id="plans",
        aria_label="Plans",
    )


def plan(row: PlanRow) -> Markup:
    """A plan in one line; its operations come when it is opened."""
    url = f"plan?number={row.number}"
    id = f"plan-{row.number}"
    return tag(
        "details",
        planned(row),
        tag("div", tag("a", "Show the operations", href=url), class_="body", more={"hx-get": url, "hx-trigger": f"toggle from:#{id} once"}),
        id=id,
        class_="row",
    )


def planned(row: PlanRow) -> Markup:
    """The line of a plan."""
    return tag(
        "summary",
        signed(row.health),
        tag("time", row.time),
        tag("span", row.name, class_="name"),
        tag("span", row.counts, class_="numbers"),
        tag("span", row.state, class_="state"),
        id=f"plan-{row.number}-line",
    )


def operations(row: PlanRow, found: Iterable[Block]) -> Markup:
    """The operations of a plan, as a difference, and those that failed."""
    failed = [tag("li", tag("b", name), f": {error}") for name, error in row.failed]
    return joined(
        tag("ul", *failed, class_="flaws") if failed else None,
        blocks(found),
        tag("p", f"checksum {row.checksum}", class_="more"),
    )


def blocks(found: Iterable[Block]) -> Markup:
    """Operations that are alike are one entry, as in `albatross plan`."""
    return tag("ol", *(_block(each) for each in found), class_="operations")


KINDS: Mapping[str, str] = {"+": "create", "~": "change", "-": "delete", "-/+": "replace"}


def _block(found: Block) -> Markup:
    names = [(label, shown(texts, "; ")) for label, texts in found.fields]
    kind = KINDS[found.sign]
    return tag(
        "li",
        tag("p", tag("span", found.sign, class_="verb", aria_hidden="true"), tag("b", f" {kind} {found.title} "), shown(found.names, ", ")),
        tag("dl", *(joined(tag("dt", label), tag("dd", text)) for label, text in names)) if names else None,
        class_=kind,
    )


# Calls to AWS --------------------------------------------------------------------------------------------------------


def calls(view: PageView) -> Markup:
    """The calls of the last minute, with the number that AWS allows."""
    heads = ("Call", "in the last minute", "allowed in a minute", "throttled", "failed")
    head = tag("tr", *(tag("th", each, scope="col") for each in heads))
    table = tag("table", tag("thead", head), tag("tbody", *(_call(each) for each in view.calls)))
    return tag(
        "section",
        tag("h2", "Calls to AWS"),
        table if view.calls else tag("p", "No call in the last minute."),
        id="calls",
        aria_label="Calls to AWS",
    )


def _call(row: CallRow) -> Markup:
    meter = tag("meter", value=row.calls, max=row.allowed, high=row.allowed * 0.8, aria_hidden="true") if row.allowed else None
    cells = (
        f"{row.calls:,}",
        joined(f"{row.allowed:,} " if row.allowed else "no limit is known", meter),
        row.throttled or "",
        row.failed or "",
    )
    return tag("tr", tag("th", row.name, scope="row"), *(tag("td", each) for each in cells))
