"""Ways through an intent."""

from collections.abc import Iterator

from albatross.model.intent import Backend, ForwardTo, Intent, Member, Route


def routes(member: Member) -> Iterator[Route]:
    """A member's routes, its default one last."""
    yield from member.routes
    if member.default:
        yield member.default


def backends(intent: Intent) -> Iterator[Backend]:
    """Every backend once, in order of appearance."""
    seen: set[str] = set()
    for member in intent.members:
        for route in routes(member):
            if not isinstance(route.answer, ForwardTo):
                continue
            for target in route.answer.targets:
                if target.backend and target.backend.id not in seen:
                    seen.add(target.backend.id)
                    yield target.backend
