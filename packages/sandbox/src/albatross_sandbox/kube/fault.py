"""What the server refuses, in the words of the real one: a Status with code, reason, message and details."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from albatross_sandbox.kube.value import Obj

if TYPE_CHECKING:
    from albatross_sandbox.kube.resources import Resource


_REASONS = {
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Unsupported value": "FieldValueNotSupported",
    "Forbidden": "FieldValueForbidden",
    "Not found": "FieldValueNotFound",
    "Too long": "FieldValueTooLong",
    "Too many": "FieldValueTooMany",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One broken field of an invalid object; `text` is what follows the field path in the message."""

    field: str
    text: str

    @property
    def reason(self) -> str:
        """The machine-readable kind of fault, by the words the text begins with."""
        return next((reason for words, reason in _REASONS.items() if self.text.startswith(words)), "FieldValueInvalid")

    @property
    def line(self) -> str:
        """The cause as it stands in a message."""
        return f"{self.field}: {self.text}"


class Fault(Exception):
    """A refused request; `status` is the body that the client gets."""

    def __init__(self, code: int, reason: str, message: str, details: Obj | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details or {}
        self.retry_after = 0

    @property
    def status(self) -> Obj:
        """The metav1.Status of this refusal."""
        body: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message}
        return {**body, "reason": self.reason, "details": self.details, "code": self.code}


def _named(resource: "Resource", name: str) -> Obj:
    details: Obj = {"name": name}
    if resource.group:
        details["group"] = resource.group
    return {**details, "kind": resource.plural}


def unknown_path() -> Fault:
    """404 for a path that no resource serves."""
    return Fault(404, "NotFound", "the server could not find the requested resource")


def not_found(resource: "Resource", name: str) -> Fault:
    """404 for an object that is not there."""
    return Fault(404, "NotFound", f'{resource.key} "{name}" not found', _named(resource, name))


def exists(resource: "Resource", name: str, deleting: bool = False) -> Fault:
    """409 for a create of a taken name."""
    start = "object is being deleted: " if deleting else ""
    return Fault(409, "AlreadyExists", f'{start}{resource.key} "{name}" already exists', _named(resource, name))


def conflict(resource: "Resource", name: str, why: str = "") -> Fault:
    """409 for a write on an outdated object."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    return Fault(409, "Conflict", f'Operation cannot be fulfilled on {resource.key} "{name}": {why}', _named(resource, name))


def bad_request(message: str) -> Fault:
    """400."""
    return Fault(400, "BadRequest", message)


def forbidden(resource: "Resource", name: str, why: str) -> Fault:
    """403 with the reason why."""
    quoted = f' "{name}"' if name else ""
    return Fault(403, "Forbidden", f"{resource.key}{quoted} is forbidden: {why}", _named(resource, name))


def expired(message: str) -> Fault:
    """410 for a version that has left the history window."""
    return Fault(410, "Expired", message)


def unsupported(accepted: tuple[str, ...]) -> Fault:
    """415, naming the media types that would have done."""
    listing = ", ".join(accepted)
    return Fault(415, "UnsupportedMediaType", f"the body of the request was in an unknown format - accepted media types include: {listing}")


def no_method() -> Fault:
    """405."""
    return Fault(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def invalid(kind: str, group: str, name: str, causes: list[Cause]) -> Fault:
    """422 with one cause a broken field."""
    lines = [cause.line for cause in causes]
    text = lines[0] if len(lines) == 1 else "[" + ", ".join(lines) + "]"
    qualified = f"{kind}.{group}" if group else kind
    details: Obj = {"name": name, "group": group, "kind": kind}
    details["causes"] = [{"reason": cause.reason, "message": cause.text, "field": cause.field} for cause in causes]
    return Fault(422, "Invalid", f'{qualified} "{name}" is invalid: {text}', details)
