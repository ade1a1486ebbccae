"""Names of classes that were probably mistyped."""

from collections.abc import Iterable
from difflib import get_close_matches

CUTOFF = 0.65
"""How similar two names must be (chosen by us: `abl` and `ablb` mean `alb`, `nginx` does not)."""


def meant(name: str, names: Iterable[str]) -> str:
    """The name that was meant, if the spelling differs a little; else empty.

    A name with other characters than letters can be the class of a second controller, such as `alb-internal` or `alb2`.
    """
    if not name.strip().isalpha():
        return ""
    near = get_close_matches(name.strip().lower(), [each for each in names if each != name], n=1, cutoff=CUTOFF)
    return near[0] if near else ""
