"""The tries of a call: botocore repeats a call by itself, and only its events say how often, and what AWS answered each time."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from albatross.aws.session import effect
from albatross.aws.session.errors import AwsError
from albatross.clock import Clock

Tried = Callable[[str, str, str, str, float], None]
"""Called after each try with service, operation, HTTP status (empty: no answer), error code (empty: it succeeded) and seconds."""
Repeated = Callable[[str, str, int], None]
"""Called after each call with service, operation, and the number of tries that followed the first one."""


@dataclass(slots=True)
class _Call:
    began: float = 0.0
    count: int = 0
    outer: "_Call | None" = None


_CALL: ContextVar[_Call | None] = ContextVar("call", default=None)
"""The call that the current task makes. Two calls of one session run in two tasks, or one after the other."""


@dataclass
class Tries:
    """Follows the calls of one transport."""

    clock: Clock
    tried: Tried | None = None
    repeated: Repeated | None = None

    def begin(self) -> None:
        """A call begins in this task; it can be inside of another one, for example to renew credentials."""
        _CALL.set(_Call(outer=_CALL.get()))

    def done(self, read: bool) -> None:
        """The call of this task succeeded. `read`: it has changed nothing."""
        if not read:
            effect.wrote()

    def refused(self, error: Exception, asked: Mapping[str, Any] | None) -> None:
        """The call of this task failed. The error keeps what a read asked, because the same read shows whether AWS still refuses it."""
        if isinstance(error, AwsError):
            error.asked = asked

    def end(self, service: str, operation: str) -> None:
        """The call of this task ended."""
        call = _CALL.get()
        _CALL.set(call.outer if call else None)
        if self.repeated and call and call.count:
            self.repeated(service, operation, call.count - 1)

    def watch(self, service: str, client: Any) -> None:
        """Follow a client of botocore; `service` is our name of its service."""

        def sends(**given: Any) -> None:
            call = _CALL.get()
            if call:
                call.began, call.count = self.clock.now(), call.count + 1

        def received(event_name: str, response_dict: Mapping[str, Any] | None, parsed_response: Any, **given: Any) -> None:
            operation = event_name.rpartition(".")[2]
            status = int((response_dict or {}).get("status_code") or 0)
            code = _code(status, parsed_response)
            call = _CALL.get()
            if self.tried and call:
                self.tried(service, operation, str(status or ""), code, self.clock.now() - call.began)

        client.meta.events.register("before-send", sends)
        client.meta.events.register("response-received", received)


def _code(status: int, parsed: Any) -> str:
    """The error code of a try; `NoAnswer` if there was no answer that can be read."""
    if not isinstance(parsed, dict):
        return "NoAnswer"
    return str(parsed.get("Error", {}).get("Code", "")) if status >= 300 else ""
