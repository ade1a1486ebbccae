"""The files of the Helm chart, generated from the settings, the values and the objects of an installation."""

import json
from collections.abc import Mapping
from typing import Any

from albatross import __version__
from albatross.catalog import crds
from albatross.install import notes, parts, sheet
from albatross.install.installation import NAME, Body, Item, labels
from albatross.install.text import document

NOTE = "# Written by `make docs` from the catalog; edits are lost.\n"


def files() -> Mapping[str, str]:
    """Every file by its place in the chart."""
    return {
        "Chart.yaml": NOTE + _chart(),
        "values.yaml": NOTE + "\n".join(sheet.lines()) + "\n",
        "values.schema.json": json.dumps(sheet.schema(), indent=2) + "\n",
        "crds/crds.yaml": NOTE + "".join(document(Item("A definition.", _labelled(each))) for each in crds.definitions()),
        "templates/_helpers.tpl": notes.helpers(),
        "templates/NOTES.txt": notes.notes(),
        **{f"templates/{name}.yaml": text for name, text in parts.templates().items()},
    }


def _labelled(definition: Mapping[str, Any]) -> Body:
    return {**definition, "metadata": {**definition["metadata"], "labels": labels()}}


def _chart() -> str:
    about = "Turns Ingress objects into AWS load balancers; it plans first and says why"
    lines = ["apiVersion: v2", f"name: {NAME}", f"description: {about}", "type: application", f"version: {__version__}"]
    return "\n".join([*lines, f'appVersion: "{__version__}"', 'kubeVersion: ">=1.25.0-0"']) + "\n"
