"""Actions of a listener or a rule; elbv2 `Action`."""

from dataclasses import dataclass, field

from albatross.model.resources.ref import Pairs, Token


@dataclass(frozen=True, slots=True)
class WeightedTargetGroup:
    """A target group of a forward action; `weight` is None if not written."""

    target_group: Token
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Stickiness:
    """`TargetGroupStickinessConfig`; None if not written."""

    enabled: bool | None = None
    duration_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """forward."""

    target_groups: tuple[WeightedTargetGroup, ...]
    stickiness: Stickiness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedResponse:
    """fixed-response."""

    status_code: str
    content_type: str | None = None
    message_body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """redirect; None means the default of AWS (`#{host}`, `/#{path}`, `#{port}`, `#{protocol}`, `#{query}`)."""

    status_code: str
    host: str | None = None
    path: str | None = None
    port: str | None = None
    protocol: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateCognito:
    """authenticate-cognito."""

    user_pool_arn: str
    user_pool_client_id: str
    user_pool_domain: str
    on_unauthenticated_request: str
    scope: str
    session_cookie_name: str
    session_timeout: int
    extra_params: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateOidc:
    """authenticate-oidc; the client id and secret never appear in a repr, log or plan."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    on_unauthenticated_request: str
    scope: str
    session_cookie_name: str
    session_timeout: int
    extra_params: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtClaim:
    """An additional claim of jwt-validation."""

    format: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtValidation:
    """jwt-validation."""

    jwks_endpoint: str
    issuer: str
    additional_claims: tuple[JwtClaim, ...] = ()


Action = Forward | FixedResponse | Redirect | AuthenticateCognito | AuthenticateOidc | JwtValidation
