"""The annotations `conditions.<Service>` of an Ingress, with the texts of the other controller (`pkg/ingress/config_types.go`)."""

from collections.abc import Iterator

from albatross.catalog.annotations.ingress import CONDITIONS
from albatross.catalog.form import REMARKS
from albatross.catalog.form.condition import CONFIGS
from albatross.catalog.problems import message
from albatross.catalog.value import Fault
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Ingress

_REASONS = {
    ("LB115", "values"): "precisely one of values and regexValues can be specified",
    ("LB118", "values or regexValues"): "values or regexValues must be specified",
    ("LB118", "values"): "values cannot be empty",
    ("LB118", "value"): "value cannot be empty",
}
"""By the code of a fault and the field that it names."""


def annotations(ingress: Ingress) -> tuple[str, ...]:
    """The annotations that backends of paths use, each once. The backend of a path may be another resource than a Service."""
    paths = (path for rule in ingress.rules for path in rule.paths or ())
    keys = (CONDITIONS.of(path.backend.service) for path in paths if path.backend.service)
    return tuple(key for key in dict.fromkeys(keys) if key in ingress.metadata.annotations)


def complaints(ingress: Ingress, key: str) -> Iterator[str]:
    """Everything that is wrong in one of the annotations."""
    raw = ingress.metadata.annotations[key]
    for fault in CONDITIONS.parse(raw).faults:
        if fault.code in REMARKS:
            continue
        reason = _reason(fault)
        if reason:
            yield f"ignoring Ingress {ingress.metadata.namespace}/{ingress.metadata.name} since invalid {key} annotation: {reason}"
        else:
            problem = Problem(fault.code, Origin("Ingress", *ingress.metadata.key), fault.args)
            yield f"failed to parse json annotation, {key}: {raw}: {message(problem)}"


def _reason(fault: Fault) -> str:
    """What is wrong with a condition; empty if the JSON itself is wrong."""
    args = dict(fault.args)
    if fault.code == "LB113":
        return f"missing {args['key']}"
    field = args.get("key") or args.get("one", "")
    reason = _REASONS.get((fault.code, field), "")
    config = _config(fault)
    if config == CONFIGS["query-string"] and field == "values":
        reason = reason.capitalize()
    return f"invalid {config}: {reason}" if reason else ""


def _config(fault: Fault) -> str:
    """The object in the fault's pointer (`/0/hostHeaderConfig/values`). JSON keys of Go match in any case."""
    parts = {part.casefold() for part in fault.pointer.split("/")}
    return next((name for name in CONFIGS.values() if name.casefold() in parts), "")
