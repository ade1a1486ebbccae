"""`actions.<protocol>-<port>` of a Service: targets of a listener in addition to the Service itself, with weights."""

from dataclasses import dataclass

from albatross.catalog.form import REMARKS
from albatross.catalog.limits import SPANS
from albatross.catalog.value import Json, Parser, decoded
from albatross.model.resources.action import Stickiness

WEIGHT = SPANS["target group weight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraTarget:
    """A target in addition to the Service itself: an ARN, or a port of a Service. `decrypt`: a TLS listener sends TCP to it.

    `pointer` is its place in the JSON.
    """

    arn: str | None = None
    service: str | None = None
    port: int | str | None = None
    decrypt: bool = False
    weight: int | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class WeightedForm:
    """The weight of the Service itself, the other targets, and stickiness, as the user wrote them."""

    base_weight: int | None
    targets: tuple[ExtraTarget, ...]
    stickiness: Stickiness | None = None


def _weighted(root: Json) -> WeightedForm | None:
    at = root.fields("type", "forwardConfig")
    kind = at["type"].text() or ""
    if kind != "forward":
        root.unlisted("LB112", ("forward",), value=kind)
        return None
    config = at["forwardConfig"]
    if not config.given:
        config.fault("LB113", key="forwardConfig", kind="forward")
        return None
    field = config.fields("baseServiceWeight", "targetGroups", "targetGroupStickinessConfig")
    elements = field["targetGroups"].elements()
    targets = tuple(_target(element) for element in elements)
    if len(targets) > 1:
        for element, target in zip(elements, targets, strict=True):
            if target.weight is None:
                element.fault("LB116")
    return WeightedForm(field["baseServiceWeight"].int32(), targets, _stickiness(field["targetGroupStickinessConfig"]))


def _target(at: Json) -> ExtraTarget:
    field = at.fields("targetGroupARN", "serviceName", "servicePort", "decrypt", "weight")
    found = ExtraTarget(
        arn=field["targetGroupARN"].text(),
        service=field["serviceName"].text(),
        port=field["servicePort"].int_or_text(),
        decrypt=bool(field["decrypt"].boolean()),
        weight=field["weight"].int32(),
        pointer=at.pointer,
    )
    if found.arn is None and found.service is None:
        at.fault("LB117")
    if found.arn is not None and found.service is not None:
        at.fault("LB115", one="serviceName", other="targetGroupARN")
    if found.service is not None and found.port is None:
        field["servicePort"].fault("LB114", key="servicePort")
    if found.weight is not None and not WEIGHT.low <= found.weight <= WEIGHT.high:
        field["weight"].fault("LB103", value=str(found.weight), low=str(WEIGHT.low), high=str(WEIGHT.high))
    return found


def _stickiness(at: Json) -> Stickiness | None:
    """Only `enabled` is read: the other controller ignores a duration here."""
    if not at.given:
        return None
    return Stickiness(enabled=at.fields("enabled")["enabled"].boolean())


weighted: Parser[WeightedForm] = decoded(_weighted, REMARKS)
"""A JSON object → the weighted targets of a listener."""
