"""`transforms.<name>`: how a request is rewritten before it is forwarded."""

from albatross.catalog.form import REMARKS
from albatross.catalog.value import Json, decoded
from albatross.model.resources.rule import Transform

CONFIGS = {"url-rewrite": "urlRewriteConfig", "host-header-rewrite": "hostHeaderRewriteConfig"}
"""The name of the object that contains the rewrites, by the type of the transform."""


def _transforms(root: Json) -> tuple[Transform, ...]:
    return tuple(transform for element in root.elements() if (transform := _transform(element)) is not None)


def _transform(at: Json) -> Transform | None:
    field = at.fields("type", *CONFIGS.values())
    kind = field["type"].text() or ""
    if kind not in CONFIGS:
        at.unlisted("LB112", tuple(CONFIGS), value=kind)
        return None
    config = field[CONFIGS[kind]]
    if not config.given:
        config.fault("LB113", key=CONFIGS[kind], kind=kind)
        return None
    rewrites = config.fields("rewrites")["rewrites"]
    pairs = []
    for element in rewrites.elements():
        part = element.fields("regex", "replace")
        pairs.append((part["regex"].text() or "", part["replace"].text() or ""))
    if not pairs:
        rewrites.fault("LB118", key="rewrites")
    return Transform(kind, tuple(pairs))


transforms = decoded(_transforms, REMARKS)
"""A JSON array → transforms in order."""
