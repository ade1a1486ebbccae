"""What the tests of each wing reach of it, in lines and branches; the bounds only ever go up. Run after `pytest --cover`.

What decides is reached by its own tests in every branch. What acts is measured by its own tests too: those of its folder, not by flows
through whole worlds, which reach nearly everything and check little of it.
"""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from coverage import Coverage

PURE, ACTS = "pure", "acts"
"""The contexts in which tests run; lines that run at import have none."""


@dataclass(frozen=True)
class Bound:
    """The least per cent of some files, reached by the tests of a context."""

    context: str
    files: tuple[str, ...]
    least: float


def _room(*names: str) -> tuple[str, ...]:
    return tuple(f"src/albatross/{name}" for name in names)


BOUNDS: Mapping[str, Bound] = {
    "what decides": Bound(
        PURE,
        _room("model/*", "catalog/*", "frontend/*", "planner/*", "checks/*", "install/*", "traffic.py", "pipeline.py", "token.py"),
        100,
    ),
    "kube": Bound(ACTS, _room("kube/*"), 90),
    "aws": Bound(ACTS, _room("aws/*"), 90),
    "controller": Bound(ACTS, _room("controller/*"), 90),
    "manifests": Bound(ACTS, _room("manifests/*"), 90),
    "cli": Bound(ACTS, _room("cli/*"), 90),
}


def main() -> int:
    """Print a line a bound; what is missing in those that are not reached. 1 where one is not."""
    measured = Coverage()
    measured.load()
    failed = 0
    for name, bound in BOUNDS.items():
        text = io.StringIO()
        found = measured.report(
            include=list(bound.files), contexts=[f"^{bound.context}$", "^$"], show_missing=True, skip_covered=True, file=text, precision=1
        )
        print(f"coverage of {name}: {found:.1f} % (at least {bound.least:g} %)")
        if found < bound.least:
            failed = 1
            print(text.getvalue())
    return failed


if __name__ == "__main__":
    sys.exit(main())
