"""Short forms of OpenAPI v3 schemas for CustomResourceDefinitions."""

from typing import Any

Schema = dict[str, Any]


def text(description: str, **more: Any) -> Schema:
    """A string."""
    return {"type": "string", "description": description, **more}


def choice(description: str, *values: str) -> Schema:
    """A string of a fixed set."""
    return text(description, enum=list(values))


def items(item: Schema, description: str = "", **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": item, **({"description": description} if description else {}), **more}


def fields(properties: Schema, *required: str, **more: Any) -> Schema:
    """An object of known fields."""
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {}), **more}


def port(description: str) -> Schema:
    """A number or a name."""
    return {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True, "description": description}


def pairs(description: str) -> Schema:
    """A list of keys and values."""
    return items(fields({"key": {"type": "string"}, "value": {"type": "string"}}, "key", "value"), description)


def selector(description: str) -> Schema:
    """A label selector."""
    requirement = fields(
        {
            "key": text("The label."),
            "operator": text("In, NotIn, Exists or DoesNotExist."),
            "values": items({"type": "string"}, "For In and NotIn.", **{"x-kubernetes-list-type": "atomic"}),
        },
        "key",
        "operator",
    )
    properties = {
        "matchExpressions": items(requirement, "All of them must be true.", **{"x-kubernetes-list-type": "atomic"}),
        "matchLabels": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Labels with their values."},
    }
    return fields(properties, description=description, **{"x-kubernetes-map-type": "atomic"})


def shape(schema: Schema) -> str:
    """A schema in words: `choice`, `list of text`, `{key: text, value: text}`."""
    match schema:
        case {"enum": _}:
            return "choice"
        case {"description": str(), "x-kubernetes-map-type": "atomic"}:
            return "label selector"
        case {"type": "array", "items": item}:
            return f"list of {shape(item)}"
        case {"properties": properties}:
            return "{" + ", ".join(f"{name}: {shape(each)}" for name, each in properties.items()) + "}"
        case {"additionalProperties": value}:
            return f"map to {shape(value)}"
    return {"string": "text", "integer": str(schema.get("format", "integer"))}.get(str(schema.get("type")), str(schema.get("type")))
