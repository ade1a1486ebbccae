"""What a piece of work has changed in AWS, so that one knows whether a refusal has left everything as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from albatross.aws.session.errors import AwsError

_WRITTEN: ContextVar[list[bool] | None] = ContextVar("written", default=None)
"""An entry for each write of the work that the current task belongs to."""


@contextmanager
def judged() -> Iterator[None]:
    """The work in the block. An error of AWS that ends it is `harmless` if no write of the work had an effect before."""
    written: list[bool] = []
    token = _WRITTEN.set(written)
    try:
        yield
    except AwsError as error:
        error.harmless = not written and not error.repeated
        raise
    finally:
        _WRITTEN.reset(token)


def wrote() -> None:
    """A call has changed something."""
    if (written := _WRITTEN.get()) is not None:
        written.append(True)
