"""Actions: elbv2 `Action` ↔ model."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from albatross.errors import AlbatrossError
from albatross.model.resources import action as model
from albatross.model.resources.ref import Pairs, Ref, Token

Item = Mapping[str, Any]


class UnresolvedError(AlbatrossError):
    """A reference to a resource that has no id yet: a step ran before a step that it needs."""


def literal(token: Token) -> str:
    """The id itself."""
    if isinstance(token, Ref):
        raise UnresolvedError(f"{token.kind} {token.id} has no {token.field} yet")
    return token


def fingerprint(secret: str) -> str:
    """The stored fingerprint of a client secret: AWS never returns the secret itself."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()


def secret(actions: Sequence[model.Action]) -> str:
    """The fingerprint of the OIDC secret in the actions, or an empty text."""
    found = [fingerprint(each.client_secret) for each in actions if isinstance(each, model.AuthenticateOidc)]
    return found[0] if found else ""


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {key: value for key, value in fields.items() if value is not None}


def write(actions: Sequence[model.Action], weighted: bool = True) -> list[dict[str, Any]]:
    """Model → request; `weighted` is the gate WeightedTargetGroups."""
    return [{"Order": order, **_write(each, weighted)} for order, each in enumerate(actions, 1)]


def _write(action: model.Action, weighted: bool) -> dict[str, Any]:
    match action:
        case model.Forward():
            return {"Type": "forward", **_forward(action, weighted)}
        case model.FixedResponse():
            config = given(StatusCode=action.status_code, ContentType=action.content_type, MessageBody=action.message_body)
            return {"Type": "fixed-response", "FixedResponseConfig": config}
        case model.Redirect():
            return {"Type": "redirect", "RedirectConfig": _redirect(action)}
        case model.AuthenticateCognito():
            return {"Type": "authenticate-cognito", "AuthenticateCognitoConfig": _cognito(action)}
        case model.AuthenticateOidc():
            return {"Type": "authenticate-oidc", "AuthenticateOidcConfig": _oidc(action)}
        case model.JwtValidation():
            return {"Type": "jwt-validation", "JwtValidationConfig": _jwt(action)}
        case _:
            assert_never(action)


def _forward(action: model.Forward, weighted: bool) -> dict[str, Any]:
    if not weighted:
        if len(action.target_groups) != 1:
            raise AlbatrossError("a forward to several target groups needs the feature gate WeightedTargetGroups")
        return {"TargetGroupArn": literal(action.target_groups[0].target_group)}
    groups = [given(TargetGroupArn=literal(each.target_group), Weight=each.weight) for each in action.target_groups]
    config: dict[str, Any] = {"TargetGroups": groups}
    if action.stickiness is not None:
        sticky = action.stickiness
        config["TargetGroupStickinessConfig"] = given(Enabled=sticky.enabled, DurationSeconds=sticky.duration_seconds)
    return {"ForwardConfig": config}


def _redirect(action: model.Redirect) -> dict[str, Any]:
    return given(
        Host=action.host,
        Path=action.path,
        Port=action.port,
        Protocol=action.protocol,
        Query=action.query,
        StatusCode=action.status_code,
    )


def _cognito(action: model.AuthenticateCognito) -> dict[str, Any]:
    return given(
        UserPoolArn=action.user_pool_arn,
        UserPoolClientId=action.user_pool_client_id,
        UserPoolDomain=action.user_pool_domain,
        **_session(action),
    )


def _oidc(action: model.AuthenticateOidc) -> dict[str, Any]:
    return given(
        Issuer=action.issuer,
        AuthorizationEndpoint=action.authorization_endpoint,
        TokenEndpoint=action.token_endpoint,
        UserInfoEndpoint=action.user_info_endpoint,
        ClientId=action.client_id,
        ClientSecret=action.client_secret,
        **_session(action),
    )


def _session(action: model.AuthenticateCognito | model.AuthenticateOidc) -> dict[str, Any]:
    return {
        "OnUnauthenticatedRequest": action.on_unauthenticated_request,
        "Scope": action.scope,
        "SessionCookieName": action.session_cookie_name,
        "SessionTimeout": action.session_timeout,
        "AuthenticationRequestExtraParams": dict(action.extra_params) or None,
    }


def _jwt(action: model.JwtValidation) -> dict[str, Any]:
    claims = [{"Format": each.format, "Name": each.name, "Values": list(each.values)} for each in action.additional_claims]
    return given(JwksEndpoint=action.jwks_endpoint, Issuer=action.issuer, AdditionalClaims=claims or None)


def read(items: Sequence[Item], remembered: str = "") -> tuple[model.Action, ...]:
    """Answer → model, in order; `remembered` replaces the OIDC secret, which AWS does not return (see `fingerprint`)."""
    return tuple(_read(item, remembered) for item in sorted(items, key=lambda each: each.get("Order") or 0))


def _read(item: Item, remembered: str) -> model.Action:
    match item["Type"]:
        case "forward":
            return _read_forward(item)
        case "fixed-response":
            config = item["FixedResponseConfig"]
            return model.FixedResponse(
                status_code=config["StatusCode"], content_type=config.get("ContentType"), message_body=config.get("MessageBody")
            )
        case "redirect":
            return _read_redirect(item["RedirectConfig"])
        case "authenticate-cognito":
            return _read_cognito(item["AuthenticateCognitoConfig"])
        case "authenticate-oidc":
            return _read_oidc(item["AuthenticateOidcConfig"], remembered)
        case "jwt-validation":
            return _read_jwt(item["JwtValidationConfig"])
        case other:
            raise AlbatrossError(f"elbv2 told of an action of type {other!r}, which this version does not know")


def _read_forward(item: Item) -> model.Forward:
    config = item.get("ForwardConfig") or {"TargetGroups": [{"TargetGroupArn": item["TargetGroupArn"]}]}
    groups = tuple(model.WeightedTargetGroup(each["TargetGroupArn"], each.get("Weight")) for each in config.get("TargetGroups") or ())
    sticky = config.get("TargetGroupStickinessConfig")
    return model.Forward(groups, model.Stickiness(sticky.get("Enabled"), sticky.get("DurationSeconds")) if sticky else None)


def _read_redirect(config: Item) -> model.Redirect:
    return model.Redirect(
        status_code=config["StatusCode"],
        host=config.get("Host"),
        path=config.get("Path"),
        port=config.get("Port"),
        protocol=config.get("Protocol"),
        query=config.get("Query"),
    )


def _params(config: Item) -> Pairs:
    return tuple(sorted((config.get("AuthenticationRequestExtraParams") or {}).items()))


def _read_cognito(config: Item) -> model.AuthenticateCognito:
    return model.AuthenticateCognito(
        user_pool_arn=config["UserPoolArn"],
        user_pool_client_id=config["UserPoolClientId"],
        user_pool_domain=config["UserPoolDomain"],
        on_unauthenticated_request=config.get("OnUnauthenticatedRequest", ""),
        scope=config.get("Scope", ""),
        session_cookie_name=config.get("SessionCookieName", ""),
        session_timeout=int(config.get("SessionTimeout", 0)),
        extra_params=_params(config),
    )


def _read_oidc(config: Item, remembered: str) -> model.AuthenticateOidc:
    return model.AuthenticateOidc(
        issuer=config["Issuer"],
        authorization_endpoint=config["AuthorizationEndpoint"],
        token_endpoint=config["TokenEndpoint"],
        user_info_endpoint=config["UserInfoEndpoint"],
        client_id=config["ClientId"],
        client_secret=remembered,
        on_unauthenticated_request=config.get("OnUnauthenticatedRequest", ""),
        scope=config.get("Scope", ""),
        session_cookie_name=config.get("SessionCookieName", ""),
        session_timeout=int(config.get("SessionTimeout", 0)),
        extra_params=_params(config),
    )


def _read_jwt(config: Item) -> model.JwtValidation:
    claims = config.get("AdditionalClaims") or ()
    return model.JwtValidation(
        jwks_endpoint=config["JwksEndpoint"],
        issuer=config["Issuer"],
        additional_claims=tuple(model.JwtClaim(format=each["Format"], name=each["Name"], values=tuple(each["Values"])) for each in claims),
    )
