"""Ingress: objects → intent, and what became of it → status and events."""

from albatross.frontend.ingress.group import Read, read
from albatross.frontend.ingress.survey import Group, Survey, held, survey

__all__ = ["Group", "Read", "Survey", "held", "read", "survey"]
