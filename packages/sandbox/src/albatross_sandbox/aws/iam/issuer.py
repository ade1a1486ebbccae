"""The cluster's OpenID Connect issuer: it signs tokens of service accounts and publishes its keys, as every EKS cluster has one."""

import base64
import ssl
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from albatross_sandbox.aws.certificate import Authority
from albatross_sandbox.aws.clock import Clock

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """A service account that a token is for, and the pod that asks if one does."""

    namespace: str
    name: str
    pod: str = ""

    @property
    def text(self) -> str:
        """The `sub` of its tokens."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"


@dataclass
class Issuer:
    """An issuer under a URL, which is known once its port is."""

    clock: Clock
    path: str
    url: str = ""
    number: str = field(default_factory=lambda: uuid.uuid4().hex)

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def host(self) -> str:
        """The URL without its scheme: what condition keys and provider ARNs begin with."""
        return self.url.partition("://")[2]

    def token(self, subject: Subject, audience: str, seconds: int = 3600) -> str:
        """A token of a service account, as the Kubernetes API server projects it into a pod."""
        now = int(self.clock.now())
        pod = {"pod": {"name": subject.pod, "uid": _uid(subject.pod)}} if subject.pod else {}
        account = {"name": subject.name, "uid": _uid(subject.text)}
        claims = {
            "aud": [audience],
            "exp": now + seconds,
            "iat": now,
            "iss": self.url,
            "kubernetes.io": {"namespace": subject.namespace, "serviceaccount": account, **pod},
            "nbf": now,
            "sub": subject.text,
        }
        signed = f"{_encode({'alg': 'RS256', 'kid': self.number})}.{_encode(claims)}"
        return f"{signed}.{_base64(self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"

    def verifies(self, token: str) -> bool:
        """Whether this issuer has signed it."""
        signed, _, signature = token.rpartition(".")
        try:
            self._key.public_key().verify(_bytes(signature), signed.encode(), padding.PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    def discovery(self) -> Claims:
        """`/.well-known/openid-configuration`."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": "urn:kubernetes:programmatic_authorization",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "claims_supported": ["sub", "iss"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> Claims:
        """The key set that `jwks_uri` names."""
        public = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.number, "n": _number(public.n), "e": _number(public.e)}
        return {"keys": [key]}

    def application(self) -> web.Application:
        """What is published under the URL."""

        async def discovery(_: web.Request) -> web.Response:
            return web.json_response(self.discovery())

        async def keys(_: web.Request) -> web.Response:
            return web.json_response(self.keys())

        application = web.Application()
        application.router.add_get(f"{self.path}/.well-known/openid-configuration", discovery)
        application.router.add_get(f"{self.path}/keys", keys)
        return application


def read(token: str) -> Claims:
    """The claims of a token, unverified; raises ValueError for what is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("a JWT has three parts")
    claims = orjson.loads(_bytes(parts[1]))
    if not isinstance(claims, dict) or not isinstance(orjson.loads(_bytes(parts[0])), dict):
        raise ValueError("a JWT holds JSON objects")
    return claims


def audiences(claims: Claims) -> tuple[str, ...]:
    """The `aud` of a token, which may be one or several."""
    found = claims.get("aud") or []
    return tuple(str(each) for each in (found if isinstance(found, list) else [found]))


def secured(authority: Authority, host: str, folder: Path) -> ssl.SSLContext:
    """TLS for an address of this machine, by the account's own authority."""
    issued = authority.issue([host])
    file = folder / "issuer.pem"
    file.touch(mode=0o600)
    file.write_text(issued.private_key + issued.certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def _uid(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))


def _encode(value: Claims) -> str:
    return _base64(orjson.dumps(value))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
