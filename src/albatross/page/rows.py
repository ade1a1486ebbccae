"""The lists of the page: problems, plans and calls to AWS."""

from collections.abc import Iterable, Mapping

from albatross.model.problem import Severity
from albatross.page.markup import Markup, joined, tag
from albatross.page.picture import signed
from albatross.page.view import CallRow, Flaw, Health, PageView, PlanRow
from albatross.wording.fold import Block, shown
from albatross.wording.words import plural

SIGNS: Mapping[Severity, Health] = {"error": "bad", "warning": "warn", "note": "idle"}
MOST = 50
"""The problems and plans that the page lists (chosen by us)."""


# Problems ------------------------------------------------------------------------------------------------------------


def problems(view: PageView) -> Markup:
    """Every problem, the worst first, with the card that has it."""
    found = [(flaw, card) for card in view.cards for flaw in card.every] + [(flaw, None) for flaw in view.flaws]
    order = ("error", "warning", "note")
    rows = sorted(found, key=lambda each: order.index(each[0].severity))
    items = (tag("li", _flaw(flaw), tag("a", card.name, href=f"#{card.id}", class_="at") if card else None) for flaw, card in rows[:MOST])
    rest = tag("p", f"{plural('more problem', len(rows) - MOST)}: see the load balancers.") if len(rows) > MOST else None
    return tag(
        "section",
        tag("h2", f"Problems ({len(rows)})"),
        tag("ul", *items, class_="flaws") if rows else tag("p", "No problem is known."),
        rest,
        id="problems",
        aria_label="Problems",
    )


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
