"""Every code that AWS declares becomes a kind of ours."""

import botocore.session
import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from albatross.aws.session import errors
from albatross.aws.session.errors import SETS, AwsError, Unavailable, Unknown, kind, translate
from albatross.errors import AlbatrossError

NOT_CALLED = {
    "elbv2": frozenset[str](),
    "acm": frozenset[str](),
    "shield": frozenset[str](),
    # Codes of operations on rule groups, logs and policies, none of which we call.
    "wafv2": frozenset(
        {
            "WAFConfigurationWarningException",
            "WAFExpiredManagedRuleGroupVersionException",
            "WAFInvalidPermissionPolicyException",
            "WAFLogDestinationPermissionIssueException",
            "WAFTagOperationException",
            "WAFTagOperationInternalErrorException",
            "WAFUnsupportedAggregateKeyTypeException",
        }
    ),
}


def _declared(service: str) -> set[str]:
    model = botocore.session.get_session().get_service_model(service)
    shapes = [model.shape_for(name) for name in model.shape_names]
    return {s.metadata.get("error", {}).get("code", s.name) for s in shapes if s.metadata.get("exception")}


@pytest.mark.parametrize("service", sorted(NOT_CALLED))
def test_every_declared_code_is_mapped(service: str) -> None:
    unmapped = {code for code in _declared(service) if kind(code) is Unknown}
    assert unmapped == NOT_CALLED[service]


def test_no_code_means_two_things() -> None:
    codes = [code for each in SETS.values() for code in each]
    assert len(codes) == len(set(codes))


def test_codes_with_a_meaning_of_their_own_are_of_one_kind() -> None:
    assert errors.CODES_OF_PERMISSION < errors.CODES_OF_DENIED
    assert errors.CODES_OF_CREDENTIALS < errors.CODES_OF_DENIED - errors.CODES_OF_PERMISSION
    kinds = {"permission": errors.Denied, "service_limit_exceeded": errors.Limit, "throttled": errors.Throttled}
    kinds["validation"] = errors.Invalid
    assert {name: {kind(code) for code in codes} for name, codes in errors.COUNTED.items()} == {k: {v} for k, v in kinds.items()}


@pytest.mark.parametrize(
    ("code", "status", "made"),
    [
        ("Throttling", 400, errors.Throttled),
        ("TooManyRules", 400, errors.Limit),
        ("TooManyRulesException", 400, errors.Limit),
        ("DependencyViolation", 400, errors.Busy),
        ("Strange", 503, Unavailable),
        ("Strange", 400, Unknown),
    ],
)
def test_kinds(code: str, status: int, made: type[AwsError]) -> None:
    assert kind(code, status) is made


def test_an_answer_keeps_what_aws_said() -> None:
    response = {"Error": {"Code": "RuleNotFound", "Message": "gone"}, "ResponseMetadata": {"RequestId": "r-1", "HTTPStatusCode": 400}}
    error = translate("elbv2", "DeleteRule", ClientError(response, "DeleteRule"))
    assert isinstance(error, errors.NotFound)
    assert str(error) == "elbv2 DeleteRule: RuleNotFound: gone (r-1)"


def test_an_answer_can_be_told_without_secrets() -> None:
    error = errors.Invalid("elbv2", "CreateRule", "ValidationError", "value 'hush' is no good", "r-1")
    told = error.without(["hush"])
    assert (type(told), str(told)) == (errors.Invalid, "elbv2 CreateRule: ValidationError: value '…' is no good (r-1)")


@pytest.mark.parametrize(
    ("error", "made", "says"),
    [
        (NoCredentialsError(), errors.IdentityError, "AWS_ACCESS_KEY_ID"),
        (CredentialRetrievalError(provider="container-role", error_msg="denied"), errors.IdentityError, "the trust policy of the role"),
        (
            ClientError({"Error": {"Code": "AccessDenied"}}, "AssumeRoleWithWebIdentity"),
            errors.IdentityError,
            "the trust policy of the role",
        ),
        (NoRegionError(), errors.IdentityError, "AWS_REGION"),
        (ProfileNotFound(profile="mine"), errors.IdentityError, "(mine) could not be found: correct or unset AWS_PROFILE"),
        (EndpointConnectionError(endpoint_url="http://x"), Unavailable, "http://x"),
        (TimeoutError("late"), Unavailable, "late"),
    ],
)
def test_no_answer_is_an_error_too(error: Exception, made: type[AlbatrossError], says: str) -> None:
    ours = translate("elbv2", "DescribeRules", error)
    assert isinstance(ours, made)
    assert says in str(ours)


def test_a_role_that_gives_no_credentials_is_a_problem() -> None:
    ours = translate("elbv2", "DescribeRules", CredentialRetrievalError(provider="container-role", error_msg="denied"))
    assert isinstance(ours, errors.IdentityError)
    assert ours.problem
    assert ours.problem.code == "LB715"
