"""`auth-idp-cognito`, `auth-idp-oidc` and `jwt-validation`: who may pass."""

from dataclasses import dataclass

from albatross.catalog.form import REMARKS
from albatross.catalog.value import Json, decoded
from albatross.model.resources.action import JwtClaim, JwtValidation

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CognitoForm:
    """A Cognito user pool."""

    arn: str
    client: str
    domain: str
    extra: Params = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcForm:
    """An OpenID Connect provider; `secret` names a Secret of the same namespace."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    secret: str
    extra: Params = ()


def _cognito(root: Json) -> CognitoForm:
    at = root.fields("userPoolARN", "userPoolClientID", "userPoolDomain", "authenticationRequestExtraParams")
    return CognitoForm(
        arn=at["userPoolARN"].text() or "",
        client=at["userPoolClientID"].text() or "",
        domain=at["userPoolDomain"].text() or "",
        extra=_extra(at["authenticationRequestExtraParams"]),
    )


def _oidc(root: Json) -> OidcForm:
    at = root.fields(
        "issuer", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint", "secretName", "authenticationRequestExtraParams"
    )
    return OidcForm(
        issuer=at["issuer"].text() or "",
        authorization_endpoint=at["authorizationEndpoint"].text() or "",
        token_endpoint=at["tokenEndpoint"].text() or "",
        user_info_endpoint=at["userInfoEndpoint"].text() or "",
        secret=at["secretName"].text() or "",
        extra=_extra(at["authenticationRequestExtraParams"]),
    )


def _extra(at: Json) -> Params:
    return tuple(sorted({key: value.text() or "" for key, value in at.entries()}.items()))


cognito = decoded(_cognito, REMARKS)
"""A JSON object → a user pool; no field is required here, AWS checks them."""

oidc = decoded(_oidc, REMARKS)
"""A JSON object → a provider; no field is required here, AWS checks them."""


def _jwt(root: Json) -> JwtValidation:
    at = root.fields("jwksEndpoint", "issuer", "additionalClaims")
    return JwtValidation(
        jwks_endpoint=_required(at["jwksEndpoint"], "jwksEndpoint"),
        issuer=_required(at["issuer"], "issuer"),
        additional_claims=tuple(_claim(element) for element in at["additionalClaims"].elements()),
    )


def _claim(at: Json) -> JwtClaim:
    field = at.fields("format", "name", "values")
    values = field["values"].texts()
    if not values:
        field["values"].fault("LB118", key="values")
    return JwtClaim(format=_required(field["format"], "format"), name=_required(field["name"], "name"), values=values)


def _required(at: Json, key: str) -> str:
    found = at.text()
    if not found:
        at.fault("LB114", key=key)
    return found or ""


jwt_validation = decoded(_jwt, REMARKS)
"""A JSON object → what a token must show."""
