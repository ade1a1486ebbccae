"""The fields of a row of the problem table."""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.catalog.bounds import shortened
from albatross.model.problem import Problem, Severity

LONGEST = 300
"""The longest argument of a message, in characters (chosen by us: an event holds 1024, and the place and the fix follow the message)."""


@dataclass(frozen=True, slots=True)
class Example:
    """A manifest with the problem, and the same manifest after the fix: YAML merge patches over the base objects of the documentation.

    The base is Namespace `shop`, NodePort Service `web` (port 80 named `http`, targetPort 8080), IngressClass `alb` and Ingress `app`
    (host `www.example.com`, path `/` Prefix → `web:80`). `flags` are flags of the controller, `account` is a merge patch over the recorded
    account; both apply to both manifests. `whole`: the two texts are whole files, not patches.
    `partial`: the objects are some files, not everything in the cluster.
    """

    broken: str
    fixed: str
    flags: tuple[str, ...] = ()
    account: str = ""
    whole: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """One kind of problem. `summary` and `fix` are `str.format` templates over the problem's args; `why` has no arguments.

    `literal`: the summary is a text of the other controller, word by word, so that the admission webhooks say the same.
    `at_key`: the name of the field is wrong, not its value, so the name is shown.
    A row has an example, or `unshown` says why a manifest cannot show it.
    """

    code: str
    slug: str
    severity: Severity
    summary: str
    why: str
    fix: str
    example: Example | None = None
    unshown: str = ""
    source: str = ""
    literal: bool = False
    at_key: bool = False

    def message(self, problem: Problem) -> str:
        """The summary with the arguments of the problem. A very long one is cut, so that an event has room for the fix."""
        return self.summary.format_map(_Words((name, clipped(text)) for name, text in problem.args))

    def remedy(self, problem: Problem) -> str:
        """The fix with the arguments of the problem."""
        return self.fix.format_map(_Words(dict(problem.args)))


def clipped(text: str) -> str:
    """A text as a message shows it."""
    return shortened(text, LONGEST)


class _Words(dict[str, str]):
    """Arguments of a template. A missing argument shows its own name, so that a KeyError never hides a message."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def table(*groups: tuple[ProblemRow, ...]) -> Mapping[str, ProblemRow]:
    """Rows by code, in their order. Errors: ValueError if two rows have the same code or slug."""
    rows = [row for group in groups for row in group]
    codes = {row.code: row for row in rows}
    if len(codes) != len(rows) or len({row.slug for row in rows}) != len(rows):
        raise ValueError("a problem code or slug is used twice")
    return codes
