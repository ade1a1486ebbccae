"""How AWS words what it refuses for want of rights; each service has a code of its own for it."""

import base64
from typing import Literal

import orjson

from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.iam.context import Ask
from albatross_sandbox.aws.iam.evaluate import Denied

Layer = Literal["identity-based policy", "permissions boundary", "session policy"]

_ARTICLES = {"identity-based policy": "an", "permissions boundary": "a", "session policy": "a"}
_CODES = {
    "ec2": ("UnauthorizedOperation", 403),
    "eks": ("AccessDeniedException", 403),
    **dict.fromkeys(("acm", "resourcegroupstaggingapi", "shield", "waf-regional", "wafv2"), ("AccessDeniedException", 400)),
}
_DENIED = ("AccessDenied", 403)
_JSON = frozenset(("acm", "resourcegroupstaggingapi", "shield", "waf-regional", "wafv2", "eks"))


def denied(service: str, arn: str, ask: Ask, verdict: Denied, layer: Layer = "identity-based policy") -> Fault:
    """The refusal of a call to a service, for one action on one resource."""
    where = "" if ask.resource == "*" else f" on resource: {ask.resource}"
    text = f"User: {arn} is not authorized to perform: {ask.action}{where} {_reason(ask, verdict, layer)}"
    code, status = _CODES.get(service, _DENIED)
    if service == "ec2":
        text = f"You are not authorized to perform this operation. {text}{_encoded(arn, ask, verdict)}"
    return Fault(code, text, status)


def _reason(ask: Ask, verdict: Denied, layer: Layer) -> str:
    if verdict.kind == "explicit":
        return f"with an explicit deny in {_ARTICLES[layer]} {layer}"
    return f"because no {layer} allows the {ask.action} action"


def _encoded(arn: str, ask: Ask, verdict: Denied) -> str:
    """EC2 adds what it looked at to the refusal of a write; sts:DecodeAuthorizationMessage reads it back."""
    if ask.action.partition(":")[2].startswith(("Describe", "Get")):
        return ""
    context = {key: list(values) for key, values in ask.context.items()}
    seen = {"principal": {"arn": arn}, "action": ask.action, "resource": ask.resource, "conditions": context}
    blob = orjson.dumps({"allowed": False, "explicitDeny": verdict.kind == "explicit", "context": seen})
    return f". Encoded authorization failure message: {base64.urlsafe_b64encode(blob).decode()}"


def decoded(message: str) -> str:
    """What an encoded message says, as JSON; raises Fault for one that is none."""
    try:
        text = base64.urlsafe_b64decode(message.encode()).decode()
        orjson.loads(text)
        return text
    except ValueError:
        raise Fault("InvalidAuthorizationMessageException", "Message is not valid") from None


def unassumable(arn: str, role: str, *, explicit: bool = False) -> Fault:
    """AssumeRole refused: the role's trust policy, or the caller's own policies, do not allow it, or there is no such role."""
    reason = " with an explicit deny" if explicit else ""
    return Fault("AccessDenied", f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {role}{reason}", 403)


def unknown(service: str) -> Fault:
    """Keys that are nobody's."""
    if service == "ec2":
        return Fault("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    code, status = ("UnrecognizedClientException", 400) if service in _JSON else ("InvalidClientTokenId", 403)
    return Fault(code, "The security token included in the request is invalid.", status)


def expired(service: str) -> Fault:
    """Keys whose time is over."""
    if service == "ec2":
        return Fault("RequestExpired", "Request has expired.", 400)
    code, status = ("ExpiredTokenException", 400) if service in _JSON else ("ExpiredToken", 403)
    return Fault(code, "The security token included in the request is expired", status)


def unsigned() -> Fault:
    """A call without a signature."""
    return Fault("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
