"""One refusal of the API server."""

from dataclasses import dataclass

from albatross.catalog.shape import Cursor


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field that the API server refuses, its reason in the words of Kubernetes, and what to write instead."""

    field: str
    reason: str
    fix: str


def required(field: str, fix: str, reason: str = "") -> Refusal:
    """A value is missing."""
    return Refusal(field, f"Required value: {reason}" if reason else "Required value", fix)


def invalid(at: Cursor, reason: str, fix: str) -> Refusal:
    """A value has the wrong form."""
    return Refusal(at.path, f"Invalid value: {_quoted(at.value)}: {reason}", fix)


def unsupported(at: Cursor, known: tuple[str, ...], fix: str) -> Refusal:
    """A value is not one of those that exist."""
    return Refusal(at.path, f"Unsupported value: {_quoted(at.value)}: supported values: {', '.join(map(_quoted, known))}", fix)


def duplicate(at: Cursor, fix: str) -> Refusal:
    """A value occurs twice where it must be unique."""
    return Refusal(at.path, f"Duplicate value: {_quoted(at.value)}", fix)


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"' if isinstance(value, str) else text
