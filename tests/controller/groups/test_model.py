"""The model as an annotation."""

import json
from dataclasses import replace
from typing import Any

from tests.controller.groups.bed import GROUPED, TEAM, Bed
from tests.world import CONFIG

from albatross.controller.worker import Verdict
from albatross.kube.errors import KubeError

MODEL = "alb.ingress.kubernetes.io/dry-run-plan"


def model(bed: Bed, name: str) -> Any:
    found = bed.cluster.find("Ingress", name)
    assert found is not None
    text = found["metadata"].get("annotations", {}).get(MODEL)
    return text and json.loads(text)


def shown(bed: Bed, on: bool) -> None:
    bed.groups.config = replace(CONFIG, gates={**CONFIG.gates, "IngressPlanAnnotation": on})


async def test_behind_its_gate_the_model_stands_on_the_first_member_alone(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, "dry-run-plan": "stale"})
    shown(bed, True)
    await bed.look(TEAM)
    assert model(bed, "app")["id"] == "team"
    assert "AWS::ElasticLoadBalancingV2::LoadBalancer" in model(bed, "app")["resources"]
    assert model(bed, "two") is None
    await bed.look(TEAM)  # now the model names the shared security group by its id
    bed.cluster.journal.clear()
    await bed.look(TEAM)
    assert not bed.cluster.writes()
    shown(bed, False)
    await bed.look(TEAM)
    assert model(bed, "app") is None


async def test_the_annotation_that_we_write_wakes_nobody_and_stops_nobody(bed: Bed) -> None:
    bed.apply()
    shown(bed, True)
    matters: list[bool] = []
    bed.cluster.cache.listen(lambda change: matters.append(change.kind == "Ingress" and bed.index.note(change)))
    full = KubeError("annotations are too long")
    bed.cluster.refuse = lambda request: full if MODEL in str(request.body) else None
    assert await bed.look() == Verdict()
    bed.cluster.refuse = lambda _: None
    matters.clear()
    await bed.look()
    assert model(bed, "app")
    assert not any(matters)
