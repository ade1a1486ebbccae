"""`/mutate-v1-service`: the load balancer class of Services, which cannot be changed later.

Source: `webhooks/core/service_mutator.go` of the other controller.
"""

from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response
from albatross.catalog.shape import Cursor
from albatross.frontend import ROOTS
from albatross.model.config import Config

FIELD = "loadBalancerClass"


def enabled(config: Config) -> bool:
    """Whether the controller serves Services. Otherwise nobody would serve a Service with our class."""
    return "Service" in ROOTS and config.gate("EnableServiceController")


def answer(given: Submission) -> Response:
    """A new Service gets the class of the controller. An update that leaves out the class gets the class of before."""
    review = given.review
    spec = Cursor(review.object)["spec"]
    if spec["type"].text() != "LoadBalancer" or spec[FIELD].text():
        return ALLOWED
    wanted = given.config.load_balancer_class if review.create else Cursor(review.old)["spec"][FIELD].text()
    if not wanted:
        return ALLOWED
    return Response(patch=({"op": "add", "path": f"/spec/{FIELD}", "value": wanted},))


HANDLER = Handler(kind="Service", answer=answer, enabled=enabled)
