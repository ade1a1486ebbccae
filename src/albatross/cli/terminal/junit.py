"""Problems as JUnit XML, which most CI systems show: https://github.com/testmoapp/junitxml."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from albatross.cli.terminal import diagnostic
from albatross.cli.terminal.diagnostic import Finding


def text(found: Sequence[Finding], files: Iterable[str], failing: frozenset[str]) -> str:
    """One test for each problem, and one for each file without problems.

    Problems with a failing severity are failures, and all others are skipped tests.
    """
    root = Element("testsuites")
    suite = SubElement(root, "testsuite", name="albatross lint")
    places = [each.place.file if each.place else diagnostic.where(each.problem.origin, None) for each in found]
    for each, place in zip(found, places, strict=True):
        _case(suite, each, place, each.severity in failing)
    for file in files:
        if file not in places:
            SubElement(suite, "testcase", classname=_clean(file), name="no problems")
    failures = sum(each.severity in failing for each in found)
    numbers = {"tests": len(suite), "failures": failures, "skipped": len(found) - failures}
    for name, number in numbers.items():
        suite.set(name, str(number))
        root.set(name, str(number))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, each: Finding, file: str, fails: bool) -> None:
    where = diagnostic.where(each.problem.origin, each.place)
    case = SubElement(suite, "testcase", classname=_clean(file), name=_clean(f"{each.problem.code} {each.slug} at {where}"))
    result = SubElement(case, "failure" if fails else "skipped", message=_clean(f"{each.severity}: {each.message}"))
    result.text = _clean(f"{where}\nwhy: {each.why}\nfix: {each.fix}")


def _clean(words: str) -> str:
    """Without characters that XML does not allow."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in words)
