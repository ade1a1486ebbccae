"""`/validate-networking-v1-ingress`: Ingresses that the controller would serve.

It denies what the other controller denies, with the same texts and all of them at once, and what the policy of a group denies. Everything
else that the reconcile would report is a warning, so without a policy no Ingress is refused that the other controller admits.
"""

from collections.abc import Mapping
from typing import Any

from albatross.admission.condition import annotations, complaints
from albatross.admission.forecast import forecast, trespasses, warnings
from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response, denied, settled
from albatross.admission.usage import claim, misuses
from albatross.catalog.kinds import KINDS
from albatross.catalog.problems import sentence
from albatross.model.snapshot import Ingress

KIND = "Ingress"


def answer(given: Submission) -> Response:
    """The decision. An update of other fields than spec and annotations is allowed, so that finalizers can always be removed."""
    review, snapshot, config = given.review, given.snapshot, given.config
    if settled(review, annotations=True):
        return ALLOWED
    new, old = _read(review.object), None if review.create else _read(review.old)
    ours, unclear = claim(new, snapshot, config)
    if unclear:
        return denied(unclear)
    if not ours:
        return ALLOWED
    wrong = {key: list(complaints(new, key)) for key in annotations(new)}
    said = [*misuses(new, old, snapshot, config), *(text for texts in wrong.values() for text in texts)]
    known = {f'metadata.annotations["{key}"]' for key, texts in wrong.items() if texts}
    found = forecast(new, old, snapshot, config)
    refused = trespasses(found, old, snapshot, config)
    said += [sentence(problem) for problem in refused]
    expected = warnings([each for each in found if each.origin.field not in known and each not in refused])
    return Response(warnings=expected) if not said else denied("; ".join(said), expected)


def _read(obj: Mapping[str, Any]) -> Ingress:
    found = KINDS[KIND].noun(obj)
    assert isinstance(found, Ingress), "its row of KINDS reads it"
    return found


HANDLER = Handler(kind=KIND, answer=answer)
