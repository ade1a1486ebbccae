"""Answers from a recording of an account: an item that is not in it does not exist."""

from collections.abc import Iterable, Mapping
from typing import Any

from albatross.aws.wire import answer
from albatross.errors import AlbatrossError
from albatross.model.config import Config
from albatross.model.facts import Facts, Question


class RecordingError(AlbatrossError):
    """A recording without the shape `{"service.Operation": [item, …]}`."""


class Recording:
    """A recorded account; `record.record` creates one.

    Keys are `service.Operation` with botocore's event names (`elasticloadbalancingv2.DescribeTags`), values the items of all pages.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        wrong = sorted(key for key, value in document.items() if not isinstance(value, list) and not key.startswith("sts."))
        if wrong:
            raise RecordingError(f"recorded facts: {wrong[0]!r} must hold a list of items; make them anew with `albatross record`")
        self.items: answer.Items = {key: value for key, value in document.items() if isinstance(value, list)}

    def answer(self, questions: Iterable[Question], config: Config) -> Facts:
        """The answer to every question; each one is known."""
        return Facts({question: answer.read(question, self.items, config) for question in questions})
