"""The bill of materials of the image, in CycloneDX 1.6: every package of requirements-run.lock with its version and hashes.

It has no time and no random number, so the same lock always gives the same bytes. `python -m docs.sbom` writes docs/sbom.json.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "sbom.json"
PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def packages(lock: str) -> Iterator[tuple[str, str, list[str]]]:
    """Name, version and hashes of each package of a lock file."""
    starts = list(PACKAGE.finditer(lock))
    for start, end in zip(starts, [*(each.start() for each in starts[1:]), len(lock)], strict=True):
        yield start[1], start[2], sorted(HASH.findall(lock[start.end() : end]))


def _component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    reference = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    # A package has a file for each platform. CycloneDX gives a component one hash of each kind, so the files are references.
    files = [{"type": "distribution", "url": reference, "hashes": [{"alg": "SHA-256", "content": each}]} for each in hashes]
    return {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference, "externalReferences": files}


def bill() -> dict[str, Any]:
    """The document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    found = [_component(*each) for each in packages((ROOT / "requirements-run.lock").read_text())]
    component = {"type": "application", "bom-ref": own, "name": project["name"], "version": project["version"], "purl": own}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**component, "licenses": [{"license": {"id": project["license"]}}]}},
        "components": found,
        "dependencies": [{"ref": own, "dependsOn": [each["bom-ref"] for each in found]}],
    }


def text() -> str:
    """The document as JSON."""
    return json.dumps(bill(), indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
