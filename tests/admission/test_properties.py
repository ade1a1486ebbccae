"""What must be true for every request: a second review of the patched object changes nothing, and nothing raises."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.admission.admitted import answered, body, patched
from tests.admission.bound import ARN, FACT, FULL, binding
from tests.admission.test_ingress import made
from tests.world import PREFIX, snapshot

from albatross import admission
from albatross.admission import Response
from albatross.catalog.annotations import ANNOTATIONS
from albatross.model.facts import Answer, Question, TargetGroupOf

COMPLETE, VALID = "/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding", "/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding"
KNOWN: dict[Question, Answer] = {TargetGroupOf(arn=ARN): (FACT,), TargetGroupOf(name="web"): (FACT,)}
KEYS = [key for key in ANNOTATIONS if key.startswith(PREFIX)]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["metadata", "spec", "name", "labels"]), inner, max_size=3),
    max_leaves=8,
)
fast = settings(max_examples=60, deadline=None)


@given(missing=st.sets(st.sampled_from(sorted(FULL))))
@fast
def test_a_completed_binding_is_complete_and_valid(missing: set[str]) -> None:
    spec: dict[str, Any] = {field: value for field, value in FULL.items() if field not in missing}
    new = binding(targetGroupName="web", **spec)
    after = patched(new, answered(COMPLETE, body("TargetGroupBinding", new), facts=KNOWN))
    assert {field: after["spec"][field] for field in FULL} == FULL
    assert answered(COMPLETE, body("TargetGroupBinding", after)) == Response()
    assert answered(VALID, body("TargetGroupBinding", after), facts=KNOWN) == Response()
    assert answered(VALID, body("TargetGroupBinding", after, new), facts=KNOWN) == Response(), "the targets loop does the same"


@given(path=st.sampled_from(sorted(admission.HANDLERS)), new=JSON, old=JSON)
@fast
def test_no_object_raises(path: str, new: Any, old: Any) -> None:
    for review in (body("Pod", {}, object=new), body("Pod", {}, {"a": 1}, object=new, oldObject=old)):
        review["request"]["kind"]["kind"] = admission.HANDLERS[path].kind
        try:
            response = answered(path, review)
        except admission.Malformed:
            continue  # the request itself, as the server says it
        assert response.code in (200, 400, 403)


@given(annotations=st.dictionaries(st.sampled_from(KEYS), st.text(max_size=40), max_size=6))
@fast
def test_warnings_are_short_whatever_is_written(annotations: dict[str, str]) -> None:
    response = answered("/validate-networking-v1-ingress", body("Ingress", made(annotations)), snapshot())
    assert response.allowed
    assert len(response.warnings) <= 11
    assert all(len(each) <= 256 for each in response.warnings)
