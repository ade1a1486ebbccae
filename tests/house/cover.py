"""How many lines and branches the tests of each package reach. The limits only go up. Run after `pytest --cover`.

The tests of the pure packages must reach every branch. For the other packages, only the tests of the same folder count: the flow tests
reach nearly everything, but check little of it.
"""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from coverage import Coverage

PURE, ACTS = "pure", "acts"
"""The contexts of tests. Lines that run at import have no context."""


@dataclass(frozen=True)
class Bound:
    """The minimum percentage of some files that the tests of a context must reach."""

    context: str
    files: tuple[str, ...]
    least: float
    omit: tuple[str, ...] = ()


def _room(*names: str) -> tuple[str, ...]:
    return tuple(f"src/albatross/{name}" for name in names)


BOUNDS: Mapping[str, Bound] = {
    "what decides": Bound(
        PURE,
        _room(
            "model/*",
            "catalog/*",
            "frontend/*",
            "planner/*",
            "checks/*",
            "install/*",
            "admission/*",
            "diagnose/*",
            "page/*",
            "wording/*",
            "traffic.py",
            "pipeline.py",
            "token.py",
        ),
        100,
    ),
    "kube": Bound(ACTS, _room("kube/*"), 96),
    "aws": Bound(ACTS, _room("aws/*"), 95),
    "controller": Bound(ACTS, _room("controller/*"), 97),
    "web": Bound(ACTS, _room("web/*"), 95),
    "manifests": Bound(ACTS, _room("manifests/*"), 98),
    # the demo is tested in a process of its own, as its users start it
    "cli": Bound(ACTS, _room("cli/*"), 90, omit=_room("cli/demo/*")),
}


def main() -> int:
    """Print one line for each limit, and the missing lines if it is not reached. Returns 1 if a limit is not reached."""
    measured = Coverage()
    measured.load()
    failed = 0
    for name, bound in BOUNDS.items():
        text = io.StringIO()
        found = measured.report(
            include=list(bound.files),
            omit=list(bound.omit),
            contexts=[f"^{bound.context}$", "^$"],
            show_missing=True,
            skip_covered=True,
            file=text,
            precision=1,
        )
        print(f"coverage of {name}: {found:.1f} % (at least {bound.least:g} %)")
        if found < bound.least:
            failed = 1
            print(text.getvalue())
    return failed


if __name__ == "__main__":
    sys.exit(main())
