"""What a row of the problem table holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.model.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Example:
    """A manifest that has the problem and the same one mended: YAML merge patches over the documentation's base objects.

    The base is Namespace `shop`, NodePort Service `web` (port 80 named `http`, targetPort 8080), IngressClass `alb` and Ingress `app`
    (host `www.example.com`, path `/` Prefix → `web:80`). `flags` are the controller's, `account` is a merge patch over the recorded
    account; both stand beside both manifests. `whole`: the two are files as they stand, and no patches.
    """

    broken: str
    mended: str
    flags: tuple[str, ...] = ()
    account: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """One kind of fault. `summary` and `fix` are `str.format` templates over the problem's args; `why` is fixed prose.

    A row has an example, or says in `unshown` why no manifest can show it.
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

    def message(self, problem: Problem) -> str:
        """The summary, filled in."""
        return self.summary.format_map(_Words(dict(problem.args)))

    def remedy(self, problem: Problem) -> str:
        """The fix, filled in."""
        return self.fix.format_map(_Words(dict(problem.args)))


class _Words(dict[str, str]):
    """Template words; one that is missing shows its own name, so that a message is never lost to a KeyError."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def table(*groups: tuple[ProblemRow, ...]) -> Mapping[str, ProblemRow]:
    """Rows by code, in their order; two rows with one code or slug are a mistake of ours."""
    rows = [row for group in groups for row in group]
    codes = {row.code: row for row in rows}
    if len(codes) != len(rows) or len({row.slug for row in rows}) != len(rows):
        raise ValueError("a problem code or slug is used twice")
    return codes
