"""Large objects: what the event loop does for one does not grow with it. What grows runs in another thread before.

Steps are counted, not milliseconds: the calls of Python functions, also those that compare parts of objects.
"""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest
from soak import large, shop

from albatross import frontend
from albatross.catalog import kinds
from albatross.catalog.kinds import KINDS
from albatross.controller.bindings import BindingIndex
from albatross.controller.index import Index
from albatross.controller.study import study
from albatross.kube.cache import Cache
from albatross.kube.decode import decoder
from albatross.model.config import Config

Object = dict[str, Any]
SHARE = 0.1
MOST = 400
"""Steps for one change. The objects have 450 to 9,000 parts."""
MENTIONS = 3
"""Steps for each Service that an Ingress names; of these, at most RULES are noted."""
LARGE = {name: obj for name, obj in large.objects(SHARE) if obj["kind"] in KINDS}


def steps(work: Callable[[], object]) -> int:
    """How many functions are called."""
    count = 0

    def profile(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


class Loop:
    """What the event loop has: the cache and the indexes of both loops."""

    def __init__(self) -> None:
        self.cache = Cache()
        self.index = Index(self.cache, Config(cluster_name="c", vpc_id="vpc-1", region="r"))
        self.cache.study = study
        bindings = BindingIndex(self.cache)
        self.cache.listen(self._heard)
        self.cache.listen(bindings.wakes)  # type: ignore[arg-type]  # whom it wakes is not counted
        self.changes: list[Any] = []
        for obj in (shop.service("web"), *shop.fixed([])):
            self.take(obj)

    def _heard(self, change: Any) -> None:
        if self.index.note(change):
            self.changes.append(change)

    def take(self, obj: Object) -> int:
        """The steps that the loop makes when a watch reports an object."""
        text = json.dumps(obj).encode()

        def learn() -> Any:
            key, noun = decoder(obj["kind"])(text)
            return key, self.cache.learn(obj["kind"], key, noun)

        with ThreadPoolExecutor(1) as pool:
            key, noun = pool.submit(learn).result()
        return steps(lambda: self._put(obj["kind"], key, noun))

    def _put(self, kind: str, key: Any, noun: Any) -> None:
        self.changes = []
        self.cache.put(kind, key, noun)
        self.index.affected(self.changes)
        self.index.concerned(self.changes)


def versions(obj: Object) -> Iterator[Object]:
    """A new object, the same with another last part, and with another status only."""
    yield obj
    edited = deepcopy(obj)
    edited["metadata"]["resourceVersion"] = "2"
    spec = edited.get("spec", {})
    for rows in (spec.get("ports"), *(rule["http"]["paths"] for rule in spec.get("rules", ()))):
        if rows:
            rows[-1] = {**rows[-1], "name": "other", "path": "/other"}
    yield edited
    yield {**edited, "metadata": {**edited["metadata"], "resourceVersion": "3"}}


@pytest.mark.parametrize("obj", LARGE.values(), ids=LARGE)
def test_the_loop_makes_few_steps_for_a_large_object(obj: Object) -> None:
    loop = Loop()
    named = len(frontend.mentions(obj["kind"], kinds.parse(obj))) if obj["kind"] == "Ingress" else 0
    assert max(loop.take(each) for each in versions(obj)) <= MOST + MENTIONS * named
