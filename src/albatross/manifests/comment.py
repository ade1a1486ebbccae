"""Comments that ignore problems: `# albatross: ignore LB133`, in a line or in the line above it."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from albatross.manifests.compose import LOADER
from albatross.manifests.text import Text

COMMENT = re.compile(r"(?:^|(?<=\s))# *albatross: *ignore\b((?:[ \t,]+LB\d{3}\b)*)[^\r\n]*", re.MULTILINE)
CODE = re.compile(r"LB\d{3}")


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment: its place, the line that it is about, and its codes. Words after the codes are for readers."""

    file: str
    line: int
    column: int
    about: int
    codes: tuple[str, ...]


def ignores(text: Text) -> Iterator[Ignore]:
    """All such comments of a file. The same words inside a value are not a comment."""
    found = list(COMMENT.finditer(text.text))
    values = _values(text.text) if found else []
    for each in found:
        before = bisect_right(values, (each.start(), len(text.text))) - 1
        if before < 0 or each.start() >= values[before][1]:
            line, column = text.position(each.start())
            yield Ignore(text.file, line, column, _about(text, line), tuple(CODE.findall(each[1])))


def _about(text: Text, line: int) -> int:
    """The line of the comment if something else is in it, otherwise the next line that is not a comment."""
    while line < len(text.starts) and (text.line(line).lstrip()[:1] or "#") == "#":
        line += 1
    return line


def _values(text: str) -> list[tuple[int, int]]:
    """Where values start and end, up to the first place that is not YAML."""
    found = []
    try:
        for token in yaml.scan(text, Loader=LOADER):
            if isinstance(token, yaml.ScalarToken):
                found.append((token.start_mark.index, token.end_mark.index))
    except yaml.YAMLError:
        pass
    return found
