"""Errors of AWS, mapped only from their codes; `albatross.errors` prints the tree of all errors."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from botocore.exceptions import (
    ClientError,
    ConfigParseError,
    CredentialRetrievalError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
)

from albatross.catalog import denial, problems
from albatross.errors import AlbatrossError
from albatross.model.problem import Origin, Problem

CODES_OF_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException.Throttle",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)

CODES_OF_PERMISSION = denial.CODES
"""The codes of Denied that concern a permission; the others concern the credentials themselves."""

CODES_OF_DENIED = CODES_OF_PERMISSION | {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "OptInRequired",
    "RegionDisabledException",
    "SignatureDoesNotMatch",
    "SubscriptionRequiredException",
    "UnrecognizedClientException",
    "WAFServiceLinkedRoleErrorException",
}

CODES_OF_CREDENTIALS = frozenset(
    {"AuthFailure", "ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
)
"""The codes of Denied that no permission can fix: the credentials are wrong or expired."""

CODES_OF_NOT_FOUND = frozenset(
    {
        "AllocationIdNotFound",
        "AssociationNotFound",
        "CaCertificatesBundleNotFound",
        "CertificateNotFound",
        "HostedZoneNotFound",
        "InvalidAllocationID.NotFound",
        "InvalidGroup.NotFound",
        "InvalidGroupId.Malformed",
        "InvalidInstanceID.NotFound",
        "InvalidNetworkInterfaceID.NotFound",
        "InvalidPermission.NotFound",
        "InvalidSecurityGroupID.NotFound",
        "InvalidSubnetID.NotFound",
        "InvalidVpcID.NotFound",
        "ListenerNotFound",
        "LoadBalancerNotFound",
        "NoSuchEntity",
        "NoSuchHostedZone",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "RevocationContentNotFound",
        "RevocationIdNotFound",
        "RuleNotFound",
        "SSLPolicyNotFound",
        "SubnetNotFound",
        "TargetGroupNotFound",
        "TrustStoreNotFound",
        "WAFNonexistentItemException",
    }
)

CODES_OF_CONFLICT = frozenset(
    {
        "ConflictException",
        "DuplicateListener",
        "DuplicateLoadBalancerName",
        "DuplicateTagKeys",
        "DuplicateTargetGroupName",
        "DuplicateTrustStoreName",
        "InvalidGroup.Duplicate",
        "InvalidPermission.Duplicate",
        "PriorityInUse",
        "ResourceAlreadyExistsException",
        "WAFDuplicateItemException",
    }
)

CODES_OF_LIMIT = frozenset(
    {
        "CapacityDecreaseRequestLimitExceeded",
        "CapacityUnitsLimitExceeded",
        "InsufficientCapacity",
        "LimitExceeded",
        "LimitExceededException",
        "LimitsExceededException",
        "RulesPerSecurityGroupLimitExceeded",
        "SecurityGroupLimitExceeded",
        "SecurityGroupsPerInterfaceLimitExceeded",
        "ServiceQuotaExceededException",
        "TargetGroupAssociationLimit",
        "TooManyActions",
        "TooManyCertificates",
        "TooManyListeners",
        "TooManyLoadBalancers",
        "TooManyRegistrationsForTargetId",
        "TooManyRules",
        "TooManyTags",
        "TooManyTagsException",
        "TooManyTargetGroups",
        "TooManyTargets",
        "TooManyTrustStoreRevocationEntries",
        "TooManyTrustStores",
        "TooManyUniqueTargetGroupsPerLoadBalancer",
        "WAFLimitsExceededException",
    }
)

CODES_OF_BUSY = frozenset(
    {
        "CapacityReservationPending",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "DependencyViolation",
        "HealthUnavailable",
        "IncorrectState",
        "InvalidGroup.InUse",
        "InvalidStateException",
        "LockedSubscriptionException",
        "OptimisticLockException",
        "RequestInProgressException",
        "ResourceInUse",
        "ResourceInUseException",
        "TrustStoreInUse",
        "TrustStoreNotReady",
        "WAFAssociatedItemException",
        "WAFOptimisticLockException",
        "WAFStaleDataException",
        "WAFUnavailableEntityException",
    }
)

CODES_OF_INVALID = frozenset(
    {
        "ALPNPolicyNotFound",
        "AvailabilityZoneNotSupported",
        "DeleteAssociationSameAccount",
        "IncompatibleProtocols",
        "InvalidArgsException",
        "InvalidArnException",
        "InvalidCaCertificatesBundle",
        "InvalidChangeBatch",
        "InvalidConfigurationRequest",
        "InvalidDomainValidationOptionsException",
        "InvalidInput",
        "InvalidLoadBalancerAction",
        "InvalidOperationException",
        "InvalidPaginationTokenException",
        "InvalidParameter",
        "InvalidParameterCombination",
        "InvalidParameterException",
        "InvalidParameterValue",
        "InvalidResourceException",
        "InvalidRevocationContent",
        "InvalidScheme",
        "InvalidSecurityGroup",
        "InvalidSubnet",
        "InvalidTagException",
        "InvalidTarget",
        "MalformedInput",
        "MalformedQueryString",
        "MissingParameter",
        "NoAssociatedRoleException",
        "OperationNotPermitted",
        "TagPolicyException",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedProtocol",
        "ValidationError",
        "ValidationException",
        "WAFInvalidOperationException",
        "WAFInvalidParameterException",
        "WAFInvalidResourceException",
        "WAFFeatureNotIncludedInPricingPlanException",
        "WAFSubscriptionNotFoundException",
    }
)

CODES_OF_UNAVAILABLE = frozenset(
    {
        "InternalError",
        "InternalErrorException",
        "InternalFailure",
        "InternalServerException",
        "InternalServiceException",
        "RequestTimeout",
        "ServiceUnavailable",
        "Unavailable",
        "WAFInternalErrorException",
    }
)

LAG_SECONDS = 10.0
"""How long reads of AWS can be older than our own writes (chosen by us). In this time, a conflict can be with what we have just created,
and not every part of AWS knows it."""


class AwsError(AlbatrossError):
    """A failed call to AWS; `code` is the code of AWS, empty if there was no answer.

    `repeated`: this is the answer to a later try, because the answer to an earlier one was lost or was an error.
    `harmless`: the work that it ended has changed nothing. `asked` is the request, if the call is a read.
    """

    repeated = False
    harmless = False
    asked: Mapping[str, Any] | None = None

    def __init__(self, service: str, operation: str, code: str, message: str, request_id: str = "") -> None:
        self.service = service
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id
        super().__init__(f"{service} {operation}: {code or type(self).__name__}: {message}" + (f" ({request_id})" if request_id else ""))

    def without(self, secrets: Iterable[str]) -> Self:
        """The same error, without these texts in its answer: AWS quotes values that it does not accept."""
        message = self.message
        for secret in secrets:
            message = message.replace(secret, "…")
        clean = type(self)(self.service, self.operation, self.code, message, self.request_id)
        clean.repeated = self.repeated
        return clean


class Throttled(AwsError):
    """The rate of the account is exhausted, even after the client's own retries."""


class Denied(AwsError):
    """A permission or a valid credential is missing; `catalog.denial` reads what AWS says about it.

    `retry_within`: the longest time until the next try, because somebody corrects a policy and waits for the result. `retry_first`: the
    time until the first one.
    """

    retry_within = denial.AGAIN_SECONDS
    retry_first = denial.FIRST_SECONDS


class NotFound(AwsError):
    """A resource that the call names does not exist."""


class Conflict(AwsError):
    """A name, port, priority or permission is already in use."""


class Limit(AwsError):
    """A quota is reached; `catalog.limits` has its name."""


class Busy(AwsError):
    """Another resource uses the resource, or an operation on it is in progress."""


class Invalid(AwsError):
    """AWS does not accept this request."""


class Unavailable(AwsError):
    """AWS failed, or could not be reached."""


class Unknown(AwsError):
    """A code that is in no set."""


class NotReady(AlbatrossError):
    """Not possible yet; retry after `retry_after` seconds. `quiet`: it is not reported to users."""

    def __init__(self, what: str, retry_after: float, quiet: bool = False) -> None:
        self.what = what
        self.retry_after = retry_after
        self.quiet = quiet
        super().__init__(f"{what}; trying again in {retry_after:g} s")


class IdentityError(AlbatrossError):
    """No credentials or no region was found; the text lists the ways to set them. `problem` is empty if no row describes the error."""

    problem: Problem | None = None


class RoleError(IdentityError):
    """AWS gives no credentials of a role to the pods of its ServiceAccount."""

    def __init__(self, said: str) -> None:
        self.problem = Problem("LB715", Origin("ServiceAccount", "", ""), (("said", said),))
        super().__init__(problems.sentence(self.problem))


SETS: Mapping[type[AwsError], frozenset[str]] = {
    Throttled: CODES_OF_THROTTLED,
    Denied: CODES_OF_DENIED,
    NotFound: CODES_OF_NOT_FOUND,
    Conflict: CODES_OF_CONFLICT,
    Limit: CODES_OF_LIMIT,
    Busy: CODES_OF_BUSY,
    Invalid: CODES_OF_INVALID,
    Unavailable: CODES_OF_UNAVAILABLE,
}
"""The codes for each error; each code is in one set only."""

ROWS: Mapping[type[AwsError], str] = {
    Throttled: "LB510",
    Denied: "LB511",
    NotFound: "LB513",
    Conflict: "LB514",
    Limit: "LB515",
    Busy: "LB516",
    Invalid: "LB517",
    Unavailable: "LB518",
    Unknown: "LB519",
}
"""The problem row of each class of errors."""

CREDENTIALS = "LB512"
"""The problem row of credentials that AWS does not accept."""

COUNTED: Mapping[str, frozenset[str]] = {
    "permission": frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}),
    "service_limit_exceeded": frozenset(
        {"LimitExceeded", "LimitExceededException", "TooManyLoadBalancers", "TooManyTargetGroups", "TooManyRules"}
    ),
    "throttled": frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled"}),
    "validation": frozenset({"ValidationError", "ValidationException", "InvalidParameterValue"}),
}
"""The codes with their own metric, and its name. These are fewer than above: the AWS controller's dashboards use only these."""

_KINDS: Mapping[str, type[AwsError]] = {code: kind for kind, codes in SETS.items() for code in codes}

_CREDENTIALS = (
    "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run `aws sso login`; "
    "in a cluster, give the service account an IAM role (EKS Pod Identity or IRSA)"
)
_PROFILE = "correct or unset AWS_PROFILE, or fix ~/.aws/config; `aws configure list-profiles` lists them"
_REGION = "no AWS region: pass --aws-region, or set AWS_REGION, or set `region` in the AWS profile"


def kind(code: str, status: int = 0) -> type[AwsError]:
    """The error class of a code; for an unknown code, the HTTP status decides, and then it is Unknown."""
    known = _KINDS.get(code) or _KINDS.get(code.removesuffix("Exception"))
    if known:
        return known
    return Unavailable if status >= 500 else Unknown


def row(error: AwsError) -> str:
    """The problem row of an error."""
    if isinstance(error, Denied) and error.code not in CODES_OF_PERMISSION:
        return CREDENTIALS
    return ROWS.get(type(error), ROWS[Unknown])


def elsewhere(error: AwsError) -> str:
    """The problem row of an error that no change of the question or of the policy can correct; empty for other errors."""
    found = row(error)
    return found if found in (CREDENTIALS, ROWS[Throttled], ROWS[Unavailable]) else ""


def translate(service: str, operation: str, error: Exception) -> AlbatrossError:
    """Our error for an error of botocore, or of the connection."""
    if isinstance(error, ClientError):
        detail = error.response.get("Error", {})
        meta = error.response.get("ResponseMetadata", {})
        code = str(detail.get("Code", ""))
        if error.operation_name == "AssumeRoleWithWebIdentity" != operation:
            return RoleError(_lowered(str(error)))
        made = kind(code, int(meta.get("HTTPStatusCode", 0)))
        ours = made(service, operation, code, str(detail.get("Message", "")), str(meta.get("RequestId", "")))
        ours.repeated = int(meta.get("RetryAttempts", 0)) > 0
        return ours
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return IdentityError(_CREDENTIALS)
    if isinstance(error, CredentialRetrievalError):
        return RoleError(_lowered(str(error)))
    if isinstance(error, NoRegionError | InvalidRegionError):
        return IdentityError(_REGION)
    if isinstance(error, ProfileNotFound | ConfigParseError):
        return IdentityError(f"{_lowered(str(error))}: {_PROFILE}")
    if isinstance(error, ParamValidationError):
        return Invalid(service, operation, "ParamValidation", str(error))
    return Unavailable(service, operation, "", f"{type(error).__name__}: {error}")


def _lowered(text: str) -> str:
    plain = " ".join(text.split())
    return plain[:1].lower() + plain[1:].rstrip(".")
