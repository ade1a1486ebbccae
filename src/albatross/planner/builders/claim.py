"""Which backend a resource id belongs to, where several spell the same one."""

from collections.abc import Iterator, Mapping

from albatross.model.intent import Backend, ForwardTo, Intent


def claims(intent: Intent) -> Mapping[str, Backend]:
    """The first backend of each resource id, in group order: the same one on every port, whichever port is built first."""
    found: dict[str, Backend] = {}
    for backend in _backends(intent):
        found.setdefault(backend.id, backend)
    return found


def _backends(intent: Intent) -> Iterator[Backend]:
    for member in intent.members:
        for route in (*member.routes, *((member.default,) if member.default else ())):
            if isinstance(route.answer, ForwardTo):
                yield from (target.backend for target in route.answer.targets if target.backend)
