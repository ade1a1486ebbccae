"""`/validate-elbv2-k8s-aws-v1beta1-ingressclassparams`: IngressClassParams that cannot work, with the texts of Kubernetes field errors.

Source: `webhooks/elbv2/ingressclassparams_validator.go` of the other controller, and `field.ErrorList` of k8s.io/apimachinery.
"""

import re

from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response, denied, settled
from albatross.catalog.kinds import KINDS
from albatross.catalog.problems import message
from albatross.catalog.shape import Cursor
from albatross.catalog.tenants import TENANTS
from albatross.checks import parameters
from albatross.model.problem import Problem
from albatross.model.snapshot import IngressClassParams

KIND = "IngressClassParams"
_KEY = re.compile(r'\["([^"]*)"\]')


def answer(given: Submission) -> Response:
    """Deny with every problem. If only metadata changes, nothing but a changed policy is checked."""
    new, old = Cursor(given.review.object), Cursor(given.review.old)
    same = settled(given.review)
    if same and _policy(new) == _policy(old):
        return ALLOWED
    found = KINDS[KIND].read(new)
    assert isinstance(found, IngressClassParams), "its row of KINDS reads it"
    wrong = [problem for problem in parameters.check(found) if not same or problem.code == "LB442"]
    said = list(dict.fromkeys(_text(problem) for problem in wrong))
    if not said:
        return ALLOWED
    return denied(said[0] if len(said) == 1 else f"[{', '.join(said)}]")


def _policy(at: Cursor) -> str:
    return at["metadata"]["annotations"].strings().get(TENANTS, "")


def _text(problem: Problem) -> str:
    """`spec.subnets.tags[Name][1]: Duplicate value: "a"`: Go writes the keys of maps without quotes."""
    field = _KEY.sub(r"[\1]", problem.origin.field)
    return f"{field}: {message(problem)}"


HANDLER = Handler(kind=KIND, answer=answer)
