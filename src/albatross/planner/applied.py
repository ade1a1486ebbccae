"""What AWS holds after a plan is done, without reading it again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.plan import Noun
from albatross.model.resources.binding import Binding
from albatross.model.resources.listener import Listener
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack
from albatross.model.target import Target
from albatross.planner.nouns import NOUNS, Row
from albatross.planner.tag import wanted
from albatross.token import swap


def applied(stack: Stack, ids: Mapping[Ref, str], config: Config) -> Observed:
    """The stack as it is observed if every operation of its plan succeeded; `ids` are all that are known then."""
    known: dict[Token, Token] = dict(ids.items())
    found: dict[str, Any] = {
        row.field: tuple(
            _owned(row, each, known, stack, config) for each in row.desired(stack) if not row.value or getattr(each, row.value)
        )
        for row in NOUNS
    }
    registered = {
        str(known.get(each.target_group, each.target_group)): (Target(id=known.get(each.target, each.target), port=each.target_port),)
        for each in stack.registrations
    }
    return Observed(**found, registered=registered)


def _owned(row: Row, noun: Noun | Record | Binding, known: Mapping[Token, Token], stack: Stack, config: Config) -> Owned[Any]:
    arn = str(known.get(row.ref(noun.id), noun.id))
    above = noun.listener if isinstance(noun, Rule) else noun.load_balancer if isinstance(noun, Listener) else ""
    resource: Any = swap(noun, known)
    if isinstance(resource, Binding):
        return Owned(resource=resource, arn=f"{resource.namespace}/{resource.name}")
    if isinstance(resource, Record):
        return Owned(resource=resource, arn=resource.id)
    tags = tuple(sorted(wanted(noun, stack.id, config).items())) if row.tagged else ()  # type: ignore[arg-type]  # no binding, no record
    plain = replace(resource, tags=()) if row.tagged else resource
    more = {name: str(known.get(Ref(row.name, noun.id, name), "")) for name in row.learns}
    return Owned(resource=plain, arn=arn, tags=tags, parent=str(known.get(above, above)), **more)
