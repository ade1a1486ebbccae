"""Authentication of requests: Cognito, OpenID Connect or a JWT."""

import unicodedata
from typing import Any

from albatross.catalog import rbac
from albatross.catalog.annotations import Annotation
from albatross.catalog.annotations import ingress as row
from albatross.catalog.form.identity import CognitoForm, OidcForm
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.reader import Reader, place
from albatross.model.ident import Ident
from albatross.model.intent import Setting
from albatross.model.problem import Origin
from albatross.model.resources.action import AuthenticateCognito, AuthenticateOidc, JwtValidation

Guard = AuthenticateCognito | AuthenticateOidc | JwtValidation

UNAUTHENTICATED = "authenticate"
SCOPE = "openid"
COOKIE = "AWSELBAuthSessionCookie"
TIMEOUT = 604800
"""The default session timeout in seconds (seven days). These defaults are always sent to AWS."""


def guard(subject: Subject, reader: Reader, secure: bool, context: Context) -> Guard | None:
    """The authentication action of a route on secure listeners. All annotations are parsed, even if no listener is secure."""
    kind = reader.read(row.AUTH_TYPE)
    cognito, oidc = reader.read(row.AUTH_COGNITO), reader.read(row.AUTH_OIDC)
    session = _session(reader)
    jwt = subject.reader.read(row.JWT_VALIDATION)
    chosen = kind.value if kind else "none"
    if not secure:
        _without_effect(kind, jwt, context)
        return None
    if chosen != "none" and jwt is not None:
        context.notes.add("LB146", jwt.origin)
        return None
    if chosen == "cognito":
        return _cognito(cognito, session) if cognito else _missing(subject, reader, row.AUTH_COGNITO, context)
    if chosen == "oidc":
        return _oidc(oidc, session, context) if oidc else _missing(subject, reader, row.AUTH_OIDC, context)
    return jwt.value if jwt else None


class _Session:
    """The four settings that Cognito and OpenID Connect share."""

    __slots__ = ("cookie", "scope", "timeout", "unauthenticated")

    def __init__(self, unauthenticated: str, scope: str, cookie: str, timeout: int) -> None:
        self.unauthenticated = unauthenticated
        self.scope = scope
        self.cookie = cookie
        self.timeout = timeout


def _session(reader: Reader) -> _Session:
    timeout = reader.read(row.AUTH_SESSION_TIMEOUT)
    return _Session(
        _text(reader.read(row.AUTH_ON_UNAUTHENTICATED), UNAUTHENTICATED),
        _text(reader.read(row.AUTH_SCOPE), SCOPE),
        _text(reader.read(row.AUTH_SESSION_COOKIE), COOKIE),
        timeout.value if timeout else TIMEOUT,
    )


def _text(found: Setting[str] | None, default: str) -> str:
    return found.value if found else default


def _missing(subject: Subject, reader: Reader, wanted: Annotation[Any], context: Context) -> Guard | None:
    if reader.raw(wanted.key) is None:
        context.notes.add("LB147", place(subject.origin, row.AUTH_TYPE.key), annotation=wanted.name)
    return None


def _without_effect(kind: Setting[str] | None, jwt: Setting[JwtValidation] | None, context: Context) -> None:
    reason = "no port of this Ingress is HTTPS, so requests are not checked"
    if kind and kind.value != "none":
        context.notes.add("LB133", kind.origin, annotation=row.AUTH_TYPE.name, reason=reason)
    if jwt:
        context.notes.add("LB133", jwt.origin, annotation=row.JWT_VALIDATION.name, reason=reason)


def _cognito(form: Setting[CognitoForm], session: _Session) -> AuthenticateCognito:
    return AuthenticateCognito(
        user_pool_arn=form.value.arn,
        user_pool_client_id=form.value.client,
        user_pool_domain=form.value.domain,
        on_unauthenticated_request=session.unauthenticated,
        scope=session.scope,
        session_cookie_name=session.cookie,
        session_timeout=session.timeout,
        extra_params=form.value.extra,
    )


def _oidc(form: Setting[OidcForm], session: _Session, context: Context) -> AuthenticateOidc | None:
    secret = _secret(form, context)
    if secret is None:
        return None
    return AuthenticateOidc(
        issuer=form.value.issuer,
        authorization_endpoint=form.value.authorization_endpoint,
        token_endpoint=form.value.token_endpoint,
        user_info_endpoint=form.value.user_info_endpoint,
        client_id=secret[0],
        client_secret=secret[1],
        on_unauthenticated_request=session.unauthenticated,
        scope=session.scope,
        session_cookie_name=session.cookie,
        session_timeout=session.timeout,
        extra_params=form.value.extra,
    )


def _secret(form: Setting[OidcForm], context: Context) -> tuple[str, str] | None:
    """Client id and secret. If we only have some files, the Secret may exist elsewhere; then both stay empty."""
    key, at = (form.origin.namespace, form.value.secret), form.origin.at(form.origin.field, "/secretName")
    secret = context.lookups.secret(key)
    if context.lookups.denied(key):
        context.notes.add("LB714", at, secret=key[1], namespace=key[0], rule=rbac.snippet(rbac.secret(key[1])))
        return None
    if secret is None:
        if context.lookups.unread(Ident("Secret", *key)):
            return ("", "")
        missing = context.lookups.complete
        meant = context.lookups.meant("Secret", key)
        context.notes.add("LB211", at, None if missing else "note", secret=f"{key[0]}/{key[1]}", hint=meant)
        return None if missing else ("", "")
    held = Origin("Secret", *key)
    name = _text_of(secret.data, held, ("clientID", "clientId"), context)
    word = _text_of(secret.data, held, ("clientSecret",), context)
    if name is None or word is None:
        return None
    # a Secret that was created from a file often ends with a newline
    while word and unicodedata.category(word[-1]) == "Cc":
        word = word[:-1]
    return name.rstrip(), word


def _text_of(data: object, held: Origin, names: tuple[str, ...], context: Context) -> str | None:
    assert isinstance(data, dict), "a Secret's data is decoded to a dict"
    for index, name in enumerate(names):
        if name in data:
            if index:
                context.notes.add("LB215", held.at(f"data.{name}"), key=name, better=names[0])
            return bytes(data[name]).decode(errors="replace")
    context.notes.add("LB212", held.at("data"), key=names[0])
    return None
