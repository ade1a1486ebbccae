"""Admission: may this object be stored, what is missing in it, and what is wrong with it. Pure; a server of the controller calls it.

1. `read` the body of the request. 2. Look up `questions` in AWS. 3. `answer`. 4. `write` the body of the response.
"""

from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response, Review, malformed, read, write
from albatross.admission.table import HANDLERS
from albatross.catalog.shape import Malformed
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.snapshot import Snapshot

__all__ = ["HANDLERS", "Handler", "Malformed", "Response", "Review", "answer", "malformed", "questions", "read", "served", "write"]

OPERATIONS = ("CREATE", "UPDATE")


def served(config: Config) -> tuple[str, ...]:
    """The paths that the settings switch on. Only these may be registered at the API server, and the others do not exist (404)."""
    return tuple(path for path, handler in HANDLERS.items() if handler.enabled(config))


def questions(path: str, review: Review, snapshot: Snapshot, config: Config) -> frozenset[Question]:
    """What must be looked up in AWS before the answer; empty for most requests."""
    if review.operation not in OPERATIONS:
        return frozenset()
    try:
        return HANDLERS[path].questions(Submission(review, snapshot, config))
    except Malformed:
        return frozenset()  # the answer says it


def answer(path: str, review: Review, snapshot: Snapshot, facts: Facts, config: Config) -> Response:
    """The decision about one request. Other operations are allowed, and an object that cannot be read is an error of the request."""
    if review.operation not in OPERATIONS:
        return ALLOWED
    handler = HANDLERS[path]
    try:
        if review.kind != handler.kind:
            raise Malformed("request.kind", handler.kind, review.kind)
        return handler.answer(Submission(review, snapshot, config, facts))
    except Malformed as error:
        return malformed(error)
