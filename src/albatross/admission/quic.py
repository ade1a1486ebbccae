"""`/mutate-v1-pod-server-id`: QUIC server ids, as an environment variable of the containers that ask for one.

Names and form are those of the other controller (`pkg/inject/quic`), which numbers its processes with a ConfigMap and counts milliseconds.
Here an id is a part of the hash of the request's uid and the container's name: unique without a clock and without a write.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from albatross.admission.handler import Handler, Submission
from albatross.admission.review import ALLOWED, Response
from albatross.catalog.quic import ANNOTATION, BYTES
from albatross.catalog.shape import Cursor


def answer(given: Submission) -> Response:
    """Each named container of a new pod gets the variable, unless it has it."""
    review = given.review
    pod = Cursor(review.object)
    listed = pod["metadata"]["annotations"].strings().get(ANNOTATION)
    if listed is None or not review.create:
        return ALLOWED
    names = frozenset(name.strip() for name in listed.split(","))
    return Response(patch=tuple(_added(review.uid, names, pod["spec"], given.config.quic_environment_variable_name)))


def _added(uid: str, names: frozenset[str], spec: Cursor, variable: str) -> Iterator[Mapping[str, Any]]:
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec[field].items()):
            name, env = container["name"].text(), container["env"]
            if name not in names or variable in {each["name"].text() for each in env.items()}:
                continue
            entry = {"name": variable, "value": _id(uid, name)}
            path = f"/spec/{field}/{index}/env"
            yield {"op": "add", "path": f"{path}/-", "value": entry} if env.present else {"op": "add", "path": path, "value": [entry]}


def _id(uid: str, container: str) -> str:
    """The id in base64. Names of containers are unique in a pod."""
    return base64.b64encode(hashlib.sha256(f"{uid}/{container}".encode()).digest()[:BYTES]).decode()


HANDLER = Handler(kind="Pod", answer=answer)
