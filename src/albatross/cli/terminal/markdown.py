"""Plans and problems as Markdown that fits in one comment of a pull request."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from albatross.catalog import question
from albatross.cli.decision import Decided, reason
from albatross.cli.terminal import diagnostic, total
from albatross.cli.terminal import plan as text_form
from albatross.cli.terminal.diagnostic import Finding
from albatross.cli.terminal.total import Total
from albatross.model.resources.stack import Stack
from albatross.wording.fold import blocks, shown
from albatross.wording.words import plural

LIMIT = 65_536
"""The most characters of a comment. Source: the error of GitHub's API, "body is too long (maximum is 65536 characters)"."""
OTHERS = 1_024
"""Characters that are kept free (chosen by us): for a title or a marker that a workflow writes around the text."""
NOTICE = 512
"""Characters of each sentence that says what was left out (an estimate)."""
SMALLEST = 16
"""Characters of the shortest part (an estimate)."""
PROBLEMS = 0.4
"""The share of the room that problems may fill (chosen by us)."""
LARGEST = 0.25
"""The share of the room that one of several groups may fill (chosen by us)."""
NAMED = 5
"""Names of groups that are left out (chosen by us)."""
Lines = list[str]
WIDTH = 10_000
"""Lines are not wrapped, because the browser wraps or scrolls them."""


def text(decisions: Sequence[Decided], found: Sequence[Finding], expand: bool = False, limit: int = LIMIT) -> str:
    """The total, the problems (errors first), and each group; a sentence says what was left out.

    Groups without a plan come first if there is not enough room, then those that lose something, then those that change.
    """
    head = [*_head(decisions), ""]
    room = limit - OTHERS - 2 * NOTICE - _length(head)
    wrong = [[_problem(each)] for each in sorted(found, key=lambda each: ("error", "warning", "note").index(each.severity))]
    problems, hidden = _fitting(range(len(wrong)), int(room * PROBLEMS) if decisions else room, wrong.__getitem__)
    if hidden:
        problems += [f"- {plural('more problem', len(hidden))} left out, to fit in one comment: `albatross lint` shows all"]
    room -= _length(problems)
    most = room if len(decisions) == 1 else int(room * LARGEST)
    order = sorted(range(len(decisions)), key=lambda n: _weight(decisions[n]))
    body, left = _fitting(order, room, lambda n: list(section(decisions[n], expand, most)))
    return "\n".join([*head, *problems, *([""] if problems else []), *body, *_left(decisions, left)]).rstrip("\n")


def _head(decisions: Sequence[Decided]) -> Iterator[str]:
    plans = [each.plan for each in decisions if each.plan is not None]
    found = total.total(plans)
    yield f"**{total.headline(found, len(decisions), len(decisions) - len(plans))}**"
    yield ""
    yield from (f"- to {verb}: {words}" for verb, words in total.kinds(found))


def _fitting(order: Iterable[int], room: int, part: Callable[[int], Lines]) -> tuple[Lines, list[int]]:
    """The lines of the parts that fit, by number, and the numbers of the parts that do not fit. `order` says which are first."""
    kept, left = dict[int, Lines](), list[int]()
    for number in order:
        # the parts of a large cluster are many: one that cannot fit is not made
        lines = part(number) if room >= SMALLEST else None
        if lines is None or _length(lines) > room:
            left.append(number)
        else:
            room -= _length(lines)
            kept[number] = lines
    return [line for _, lines in sorted(kept.items()) for line in lines], sorted(left)


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _weight(decided: Decided) -> int:
    if decided.plan is None:
        return 0
    found: Total = total.total([decided.plan])
    return 1 if "delete" in found or "replace" in found else 2 if "change" in found else 3


def _left(decisions: Sequence[Decided], left: Sequence[int]) -> Iterator[str]:
    if left:
        names = shown((f"`{decisions[number].key[:80]}`" for number in left), ", ", NAMED)
        yield ""
        plans = [plan for number in left if (plan := decisions[number].plan) is not None]
        work = total.counts(total.total(plans))
        yield f"{plural('group', len(left))} left out, to fit in one comment ({work}): {names}."
        yield "To see one of them: `albatross plan --group GROUP`."


def _problem(finding: Finding) -> str:
    place = diagnostic.where(finding.problem.origin, finding.place)
    return f"- **{finding.severity}** `{finding.problem.code}` at `{place}`: {finding.message}. To fix it: {finding.fix}"


# One group ---------------------------------------------------------------------------------------------------------


def section(each: Decided, expand: bool = False, most: int = LIMIT) -> Iterator[str]:
    """One group in at most so many characters: its operations as a diff, the rules of its Ingresses, and the unknown facts."""
    head = [f"### `{each.key}`", "", f"No plan: {reason(each)}.", ""]
    if each.plan is not None:
        head[2] = f"{total.counts(total.total([each.plan]))}; checksum `{each.plan.checksum}`"
    unknown = [f"- unknown: {question.words(asked)}" for asked in each.unknown]
    room = most - _length(head) - _length(unknown) - NOTICE
    diff = list(_diff(each, expand, room // 2))
    yield from head
    yield from diff
    yield from _table(each.stack, room - _length(diff))
    yield from unknown
    yield ""


def _diff(each: Decided, expand: bool, room: int) -> Iterator[str]:
    found = list(blocks(each.plan, each.provisional, expand)) if each.plan else []
    parts = [[line.plain.removeprefix("    ") for line in text_form.lines_of(block, WIDTH, expand)] for block in found]
    lines, left = _fitting(range(len(parts)), room, parts.__getitem__)
    if found:
        fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
        yield from (f"{fence}diff", *lines, fence, "")
    if left:
        yield from (f"{plural('more operation', sum(len(found[n].names) for n in left))} left out, to fit in one comment.", "")


def _table(stack: Stack | None, room: int) -> Iterator[str]:
    rows = [[f"| {' | '.join(_cell(each) for each in row)} |"] for row in text_form.rows(stack)] if stack else []
    lines, left = _fitting(range(len(rows)), room, rows.__getitem__)
    if lines:
        yield from ("| Ingress | Listeners | Conditions | Action |", "|---|---|---|---|", *lines, "")
    if left:
        yield from (f"{plural('more rule', len(left))} left out, to fit in one comment.", "")


def _cell(text: str) -> str:
    return text.replace("|", chr(92) + "|")
