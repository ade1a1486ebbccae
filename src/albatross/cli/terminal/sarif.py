"""Problems as SARIF 2.1.0, which code hosts show next to the code: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from albatross import __version__
from albatross.cli.terminal import diagnostic
from albatross.cli.terminal.diagnostic import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def log(found: Sequence[Finding]) -> dict[str, Any]:
    """One run with all problems."""
    rules = {each.problem.code: each for each in found}
    driver = {"name": "albatross", "version": __version__, "rules": [_rule(each) for each in rules.values()]}
    run = {"tool": {"driver": driver}, "results": [_result(each) for each in found]}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(each: Finding) -> dict[str, Any]:
    return {"id": each.problem.code, "name": each.slug, "shortDescription": {"text": each.slug}, "fullDescription": {"text": each.why}}


def _result(each: Finding) -> dict[str, Any]:
    where = diagnostic.where(each.problem.origin, None)
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": where}]}
    if each.place:
        region = {"startLine": each.place.line, "startColumn": each.place.column, "endColumn": each.place.end_column}
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(each.place.file)}, "region": region}
    text = f"{each.message}; fix: {each.fix}"
    return {"ruleId": each.problem.code, "level": each.severity, "message": {"text": text}, "locations": [location]}
