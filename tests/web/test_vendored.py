"""What others wrote and the wheel holds: each file is the one that was recorded, with its licence next to it."""

import hashlib
import json

from hatchling.builders.wheel import WheelBuilder
from measure import ROOT

from albatross.web.server import STATIC

OWN = {"page.js", "page.css", "icon.svg", "vendored.json"}


def test_each_file_is_the_recorded_one() -> None:
    recorded = json.loads((STATIC / "vendored.json").read_text())
    assert {path.name for path in STATIC.iterdir()} - OWN - {"htmx.LICENSE"} == recorded.keys()
    for name, row in recorded.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == row["sha256"], name
    assert recorded["htmx.min.js"]["version"] in (STATIC / "htmx.min.js").read_text()
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE").read_text()


def test_the_page_says_the_version() -> None:
    recorded = json.loads((STATIC / "vendored.json").read_text())
    assert f"htmx](https://htmx.org) {recorded['htmx.min.js']['version']}" in (ROOT / "docs" / "page.md").read_text()


def test_the_wheel_has_them() -> None:
    found = {each.distribution_path for each in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {f"albatross/web/static/{path.name}" for path in STATIC.iterdir()} <= found


def test_our_files_ask_nobody_else() -> None:
    for name in ("page.js", "page.css"):
        text = (STATIC / name).read_text()
        assert "//" not in text.replace("// The details", "")
        assert "url(" not in text
        assert "@import" not in text
