import pytest
from botocore.exceptions import NoRegionError

from albatross.aws.session import errors
from albatross.aws.session.errors import SETS, AwsError
from albatross.catalog import denial, problems
from albatross.controller import fault
from albatross.kube.errors import Forbidden, KubeConflict, KubeError, Refused, Unreachable
from albatross.model.plan import CreateBackendGroup, Failed, Outcome, Step
from albatross.model.problem import Origin, Problem

HERE = Origin("Ingress", "shop", "app")


def told(kind: type[AwsError], code: str, operation: str = "CreateListener", message: str = "no") -> Problem:
    return fault.problem(kind("elbv2", operation, code, message, "request-1"), HERE, "create Listener 80")


def test_every_class_has_a_row() -> None:
    assert set(errors.ROWS) == {*SETS, errors.Unknown}
    codes = {*errors.ROWS.values(), errors.CREDENTIALS, fault.CLUSTER, fault.OURS}
    assert codes <= set(problems.PROBLEMS)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (errors.Throttled, "LB510"),
        (errors.NotFound, "LB513"),
        (errors.Conflict, "LB514"),
        (errors.Limit, "LB515"),
        (errors.Busy, "LB516"),
        (errors.Invalid, "LB517"),
        (errors.Unavailable, "LB518"),
        (errors.Unknown, "LB519"),
    ],
)
def test_each_class_is_its_row(kind: type[AwsError], row: str) -> None:
    assert told(kind, "Code").code == row


def test_words_name_the_operation_and_the_code_but_no_request() -> None:
    for kind, code in ((errors.Conflict, "PriorityInUse"), (errors.Invalid, "ValidationError"), (errors.Unavailable, "")):
        found = told(kind, code)
        words = problems.message(found) + problems.remedy(found)
        assert words.startswith("create Listener 80: elbv2 CreateListener ")
        assert (code or "Unavailable") in words
        assert "<" not in words
        assert "request-1" not in words


def test_a_denial_names_the_action() -> None:
    found = told(errors.Denied, "AccessDenied", "DeleteLoadBalancer")
    assert found.code == "LB511"
    assert "is not allowed to do elasticloadbalancing:DeleteLoadBalancer" in problems.message(found)
    assert "ChangeTagged" in problems.remedy(found)
    assert told(errors.Denied, "ExpiredToken").code == "LB512"
    assert "elbv2:SetWhatever" in problems.remedy(told(errors.Denied, "AccessDenied", "SetWhatever"))


def test_refused_records_have_a_row_of_their_own() -> None:
    assert told(errors.Invalid, "InvalidChangeBatch", "ChangeResourceRecordSets").code == "LB522"


def test_a_denial_is_tried_again_soon() -> None:
    denied, other = errors.Denied("elbv2", "CreateRule", "AccessDenied", "no"), errors.Limit("elbv2", "CreateRule", "TooManyRules", "no")
    assert fault.within([other, denied]) == denial.AGAIN_SECONDS <= 30
    assert fault.within([other]) is None


def test_a_limit_names_the_quota() -> None:
    found = told(errors.Limit, "TooManyListeners")
    assert "listeners per load balancer (50" in problems.remedy(found)
    assert "does not increase this quota" in problems.remedy(told(errors.Limit, "TooManyUniqueTargetGroupsPerLoadBalancer"))
    assert "InsufficientCapacity" in problems.remedy(told(errors.Limit, "InsufficientCapacity"))


def test_long_answers_are_cut() -> None:
    assert len(problems.message(told(errors.Denied, "UnauthorizedOperation", message="x" * 9000))) < 500


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Forbidden("PUT", "/x", 403), "role"),
        (KubeConflict("PUT", "/x", 409), "wait"),
        (Refused("PUT", "/x", 500, "InternalError", "etcdserver: request timed out"), "wait"),
        (Unreachable("https://x", "no answer in time"), "wait"),
    ],
)
def test_only_a_refusal_of_the_cluster_is_a_matter_of_its_roles(error: KubeError, word: str) -> None:
    found = fault.problem(error, HERE, "put Binding x")
    assert found.code == "LB520"
    assert word in problems.remedy(found)


def test_the_cluster_and_ourselves() -> None:
    assert fault.problem(Forbidden("PUT", "/x", 403), HERE, "put Binding x").code == "LB520"
    found = fault.problem(KeyError("arn"), HERE, "put Binding x")
    assert (found.code, problems.message(found)) == ("LB521", "put Binding x: KeyError: 'arn'")


def test_without_credentials_nothing_is_asked() -> None:
    words = fault.words(errors.translate("", "", NoRegionError()), "read the resources in AWS")
    assert words.startswith('LB512: read the resources in AWS: the AWS client failed with IdentityError: "no AWS region: pass --aws-region')


def test_waiting_is_no_fault() -> None:
    step = Step(operation=CreateBackendGroup())
    outcome = Outcome(results=(Failed(step, errors.NotReady("a group is held", 1)), Failed(step, ValueError())))
    assert [type(each.error) for each in fault.failed(outcome)] == [ValueError]
