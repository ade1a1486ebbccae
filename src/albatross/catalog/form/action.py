"""`actions.<name>`: the action of a rule."""

from dataclasses import dataclass

from albatross.catalog.form import REMARKS
from albatross.catalog.value import Json, Parser, decoded, int32
from albatross.model.resources.action import FixedResponse, Redirect, Stickiness

TYPES = ("forward", "fixed-response", "redirect")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetForm:
    """A target group of a forward action, as the user wrote it; `pointer` is its place in the JSON."""

    arn: str | None = None
    name: str | None = None
    service: str | None = None
    port: int | str | None = None
    weight: int | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class ForwardForm:
    """A forward action, as the user wrote it."""

    targets: tuple[TargetForm, ...]
    stickiness: Stickiness | None = None


ActionForm = ForwardForm | FixedResponse | Redirect


def _action(root: Json) -> ActionForm | None:
    at = root.fields("type", "targetGroupARN", "targetGroupName", "fixedResponseConfig", "redirectConfig", "forwardConfig")
    kind = at["type"].text() or ""
    match kind:
        case "fixed-response":
            return _fixed_response(at["fixedResponseConfig"])
        case "redirect":
            return _redirect(at["redirectConfig"])
        case "forward":
            return _forward(at)
    root.unlisted("LB112", tuple(TYPES), value=kind)
    return None


def _fixed_response(at: Json) -> FixedResponse | None:
    if not _given(at, "fixed-response"):
        return None
    field = at.fields("contentType", "messageBody", "statusCode")
    return FixedResponse(
        status_code=_status_code(field["statusCode"]), content_type=field["contentType"].text(), message_body=field["messageBody"].text()
    )


def _redirect(at: Json) -> Redirect | None:
    if not _given(at, "redirect"):
        return None
    field = at.fields("host", "path", "port", "protocol", "query", "statusCode")
    return Redirect(
        status_code=_status_code(field["statusCode"]),
        host=field["host"].text(),
        path=field["path"].text(),
        port=field["port"].text(),
        protocol=field["protocol"].text(),
        query=field["query"].text(),
    )


def _status_code(at: Json) -> str:
    code = at.text()
    if code is None and at.given:
        return ""
    if not code:
        at.fault("LB114", key="statusCode")
    return code or ""


def _forward(at: dict[str, Json]) -> ForwardForm | None:
    arn, name = at["targetGroupARN"].text(), at["targetGroupName"].text()
    config = at["forwardConfig"]
    short = arn is not None or name is not None
    if short and config.given:
        config.fault("LB115", one="forwardConfig", other="targetGroupARN or targetGroupName")
    if short:
        pointer = at["targetGroupARN" if arn is not None else "targetGroupName"].pointer
        return ForwardForm((TargetForm(arn=arn, name=name, pointer=pointer),))
    if not _given(config, "forward"):
        return None
    field = config.fields("targetGroups", "targetGroupStickinessConfig")
    targets = tuple(_target(target) for target in field["targetGroups"].elements())
    if len(targets) > 1:
        for element, target in zip(field["targetGroups"].elements(), targets, strict=True):
            if target.weight is None:
                element.fault("LB116")
    return ForwardForm(targets, _stickiness(field["targetGroupStickinessConfig"]))


def _target(at: Json) -> TargetForm:
    field = at.fields("targetGroupARN", "targetGroupName", "serviceName", "servicePort", "weight")
    form = TargetForm(
        arn=field["targetGroupARN"].text(),
        name=field["targetGroupName"].text(),
        service=field["serviceName"].text(),
        port=_port(field["servicePort"]),
        weight=field["weight"].int32(),
        pointer=at.pointer,
    )
    group = form.arn is not None or form.name is not None
    if not group and form.service is None:
        at.fault("LB117")
    if group and form.service is not None:
        at.fault("LB115", one="serviceName", other="targetGroupARN or targetGroupName")
    if form.service is not None and form.port is None:
        field["servicePort"].fault("LB114", key="servicePort")
    return form


def _port(at: Json) -> int | str | None:
    """The port as a number if it is written as one: `"80"` is the same as `80`."""
    port = at.int_or_text()
    number = int32(port).value if isinstance(port, str) else None
    return port if number is None else number


def _stickiness(at: Json) -> Stickiness | None:
    if not at.given:
        return None
    field = at.fields("enabled", "durationSeconds")
    return Stickiness(enabled=field["enabled"].boolean(), duration_seconds=field["durationSeconds"].int32())


def _given(at: Json, kind: str) -> bool:
    if not at.given:
        at.fault("LB113", key=at.pointer.rpartition("/")[2], kind=kind)
    return at.given


action: Parser[ActionForm] = decoded(_action, REMARKS)
"""A JSON object → an action."""
