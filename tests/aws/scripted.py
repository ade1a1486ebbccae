"""A session with answers from the test: one function for each operation, without a connection."""

from collections.abc import Callable
from typing import Any

from tests.clock import Eager

from albatross.aws.session import errors
from albatross.aws.session.client import Session
from albatross.aws.session.transport import READS
from albatross.clock import Clock
from albatross.model.config import Config

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
Answer = Callable[..., dict[str, Any]]


class Scripted(Session):
    """Answers by operation; `calls` has the requests. An operation without an answer is a bug of the test."""

    def __init__(self, clock: Clock | None = None, config: Config = CONFIG, **answers: Answer) -> None:
        super().__init__(config, clock=clock or Eager())
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def call(self, service: str, operation: str, /, **request: Any) -> dict[str, Any]:
        given = {key: value for key, value in request.items() if value is not None}
        self.calls.append((operation, given))
        try:
            found = self.answers[operation](**given)
        except errors.AwsError as error:
            self.tries.refused(error, request if operation.startswith(READS) else None)
            raise
        self.tries.done(operation.startswith(READS))
        return found

    def count(self, operation: str) -> int:
        return [name for name, _ in self.calls].count(operation)


def fails(kind: type[errors.AwsError], code: str) -> Answer:
    """An answer that is an error."""

    def answer(**request: Any) -> dict[str, Any]:
        raise kind("service", "operation", code, "no")

    return answer
