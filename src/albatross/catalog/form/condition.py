"""`conditions.<name>`: more conditions of a rule."""

from albatross.catalog.form import REMARKS
from albatross.catalog.value import Json, decoded
from albatross.model.resources.rule import Condition

CONFIGS = {
    "host-header": "hostHeaderConfig",
    "path-pattern": "pathPatternConfig",
    "http-header": "httpHeaderConfig",
    "http-request-method": "httpRequestMethodConfig",
    "query-string": "queryStringConfig",
    "source-ip": "sourceIPConfig",
}
"""The name of the object that contains the values, by the field of the condition."""


def _conditions(root: Json) -> tuple[Condition, ...]:
    return tuple(condition for element in root.elements() if (condition := _condition(element)) is not None)


def _condition(at: Json) -> Condition | None:
    field = at.fields("field", *CONFIGS.values())
    kind = field["field"].text() or ""
    if kind not in CONFIGS:
        field["field"].unlisted("LB119", tuple(CONFIGS), value=kind)
        return None
    config = field[CONFIGS[kind]]
    for name, other in field.items():
        if other.given and name not in ("field", CONFIGS[kind]):
            other.fault("LB126", key=name, kind=kind)
    if not config.given:
        config.fault("LB113", key=CONFIGS[kind], kind=kind)
        return None
    return _filled(kind, config)


def _filled(kind: str, at: Json) -> Condition:
    match kind:
        case "query-string":
            return Condition(field=kind, query=_query(at))
        case "http-request-method" | "source-ip":
            values = at.fields("values")["values"]
            return Condition(field=kind, values=_some(values))
        case "http-header":
            field = at.fields("httpHeaderName", "values", "regexValues")
            return _either(kind, at, field, field["httpHeaderName"].text() or "")
    return _either(kind, at, at.fields("values", "regexValues"), "")


def _either(kind: str, at: Json, field: dict[str, Json], header: str) -> Condition:
    values, regex_values = field["values"].texts(), field["regexValues"].texts()
    if values and regex_values:
        at.fault("LB115", one="values", other="regexValues")
    if not values and not regex_values:
        at.fault("LB118", key="values or regexValues")
    return Condition(field=kind, values=values, regex_values=regex_values, header=header)


def _some(at: Json) -> tuple[str, ...]:
    values = at.texts()
    if not values:
        at.fault("LB118", key="values")
    return values


def _query(at: Json) -> tuple[tuple[str | None, str], ...]:
    values = at.fields("values")["values"]
    pairs = []
    for element in values.elements():
        field = element.fields("key", "value")
        value = field["value"].text() or ""
        if not value:
            field["value"].fault("LB118", key="value")
        pairs.append((field["key"].text(), value))
    if not pairs:
        values.fault("LB118", key="values")
    return tuple(pairs)


conditions = decoded(_conditions, REMARKS)
"""A JSON array → conditions in order; a condition with an unknown field is noted and left out."""
