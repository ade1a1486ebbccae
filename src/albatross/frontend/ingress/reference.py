"""What an Ingress mentions by name, and whom a problem therefore concerns."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from albatross.catalog import problems
from albatross.catalog.annotations.ingress import ACTIONS, AUTH_OIDC
from albatross.model.ident import Ident
from albatross.model.problem import Problem
from albatross.model.snapshot import Ingress, IngressBackend, Metadata


@dataclass(frozen=True, slots=True)
class References:
    """The names, in its own namespace, that an Ingress or Service mentions."""

    services: frozenset[str]
    secrets: frozenset[str]


def references(ingress: Ingress) -> References:
    """What an Ingress mentions; an annotation that cannot be read mentions nothing."""
    named = {backend.service for backend in _backends(ingress) if backend.service}
    annotations = ingress.metadata.annotations
    acted = {name for key, text in annotations.items() if key.startswith(ACTIONS.stem) for name in _named(text, "servicename")}
    return References(frozenset(named | acted), secrets(ingress.metadata))


def secrets(metadata: Metadata) -> frozenset[str]:
    """The Secrets that an object's own OIDC annotation mentions."""
    text = metadata.annotations.get(AUTH_OIDC.key)
    return frozenset(_named(text, "secretname")) if text else frozenset()


def _backends(ingress: Ingress) -> Iterator[IngressBackend]:
    if ingress.default_backend:
        yield ingress.default_backend
    for rule in ingress.rules:
        for path in rule.paths or ():
            yield path.backend


def _named(text: str, field: str) -> set[str]:
    try:
        return set(_texts(json.loads(text), field))
    except ValueError:
        return set()


def _texts(value: Any, field: str) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                if name.lower() == field and isinstance(inner, str):
                    yield inner
                else:
                    yield from _texts(inner, field)
        case list():
            for inner in value:
                yield from _texts(inner, field)


def blame(found: Iterable[Problem], members: Iterable[Ident], mentions: Mapping[Ident, frozenset[str]]) -> dict[Ident, tuple[Problem, ...]]:
    """Errors by the member that they concern; those of a Service concern each member that mentions it, those of no object all.

    `mentions` are the Services' names by member.
    """
    idents = tuple(members)
    blamed: dict[Ident, list[Problem]] = {}
    for problem in found:
        if problems.severity(problem) == "error":
            for ident in _concerned(problem, idents, mentions):
                blamed.setdefault(ident, []).append(problem)
    return {ident: tuple(each) for ident, each in blamed.items()}


def _concerned(problem: Problem, members: tuple[Ident, ...], mentions: Mapping[Ident, frozenset[str]]) -> tuple[Ident, ...]:
    at = problem.origin
    if at.ident in members:
        return (at.ident,)
    if at.kind == "Service":
        return tuple(each for each in members if each.namespace == at.namespace and at.name in mentions.get(each, ())) or members
    return members
