"""What `lint` and `plan` say about the manifests of the text box, as HTML."""

from collections.abc import Iterable
from dataclasses import dataclass

from albatross.page.markup import Markup, joined, tag
from albatross.page.rows import blocks, flaws
from albatross.page.view import Flaw
from albatross.wording.fold import Block
from albatross.wording.words import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedGroup:
    """The plan for one group: its operations and rules. `reason` says why there is no plan; `unknown` is what only AWS knows."""

    name: str
    blocks: tuple[Block, ...] = ()
    counts: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedText:
    """The answer to a text: its problems, and the plan of each group."""

    flaws: tuple[Flaw, ...] = ()
    groups: tuple[TriedGroup, ...] = ()
    refused: str = ""
    """Why the text was not checked at all."""


def answer(found: TriedText) -> Markup:
    """The answer for the page."""
    if found.refused:
        return tag("p", found.refused, class_="refused")
    if not (found.flaws or found.groups):
        return tag("p", "No Ingress and no Service of this controller is in this text.")
    said = plural("problem", len(found.flaws)) if found.flaws else "No problem"
    return joined(tag("h3", said), flaws(found.flaws), *_groups(found.groups))


def _groups(found: Iterable[TriedGroup]) -> Iterable[Markup]:
    return [_group(each) for each in found]


def _group(found: TriedGroup) -> Markup:
    if found.reason:
        return joined(tag("h3", f"No plan for {found.name}"), tag("p", found.reason))
    unknown = [tag("li", each) for each in found.unknown]
    rules = [joined(tag("dt", when), tag("dd", then)) for when, then in found.rules]
    return joined(
        tag("h3", f"Plan for {found.name}: {found.counts}"),
        tag("p", "Only AWS knows, and the controller has not asked for it:") if unknown else None,
        tag("ul", *unknown, class_="unknown") if unknown else None,
        blocks(found.blocks) if found.blocks else tag("p", "Nothing to do: AWS has everything already."),
        tag("h4", "Rules") if rules else None,
        tag("dl", *rules) if rules else None,
    )
