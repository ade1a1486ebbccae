"""TLS, client certificates and tokens through the real Envoy."""

import asyncio
import base64
import datetime
import json
import re
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from packages.sandbox.tests.envoy.conftest import Account, Backend, Client, Plane

pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]
OK: Json = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "in"}}


def key_pair(*names: str, elliptic: bool = True) -> Json:
    key = ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(), "private_key": private.decode(), "chain": None}


def with_keys(account: Account, *pairs: Json) -> list[str]:
    arns = [f"arn:aws:acm:ap-northeast-2:123456789012:certificate/{i}" for i in range(len(pairs))]
    account.raw["keys"] = dict(zip(arns, pairs, strict=True))
    return arns


def context(alpn: Iterable[str] = (), highest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if alpn:
        made.set_alpn_protocols(list(alpn))
    if highest is not None:
        made.maximum_version = highest
    return made


def presenting(pair: Json, folder: Path) -> ssl.SSLContext:
    """A client's context with a certificate of its own."""
    made, file = context(), folder / "client.pem"
    file.write_text(pair["certificate"] + pair["private_key"])
    made.load_cert_chain(file)
    return made


async def shake(where: tuple[str, int], name: str, tls: ssl.SSLContext) -> tuple[str, str | None]:
    """Common name of the certificate shown, and the protocol agreed on."""
    _, writer = await asyncio.open_connection(*where, ssl=tls, server_hostname=name)
    shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
    der = shown.getpeercert(binary_form=True) or b""
    writer.transport.abort()
    common = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return str(common), shown.selected_alpn_protocol()


async def test_certificate_is_chosen_by_name(account: Account, plane: Plane) -> None:
    pairs = [key_pair("default.test", elliptic=False), key_pair("api.test", "www.api.test"), key_pair("*.wild.test", elliptic=False)]
    lb = account.balancer()
    account.listener(
        lb, 18443, OK, protocol="HTTPS", certificates=with_keys(account, *pairs), SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"
    )
    await plane.serve(account)
    where = plane.address(lb, 18443)
    names = ("api.test", "www.api.test", "a.wild.test", "a.b.wild.test", "other.test")
    shown = [(await shake(where, name, context()))[0] for name in names]
    assert shown == ["api.test", "api.test", "*.wild.test", "default.test", "default.test"]


@pytest.mark.parametrize(
    ("http2", "offered", "agreed"),
    [("true", ["h2", "http/1.1"], "h2"), ("true", ["http/1.1"], "http/1.1"), ("false", ["h2", "http/1.1"], "http/1.1")],
)
async def test_protocol_is_agreed(account: Account, plane: Plane, http2: str, offered: list[str], agreed: str) -> None:
    lb = account.balancer(**{"routing.http2.enabled": http2})
    account.listener(lb, 18443, OK, protocol="HTTPS", certificates=with_keys(account, key_pair("a.test")))
    await plane.serve(account)
    assert (await shake(plane.address(lb, 18443), "a.test", context(offered)))[1] == agreed


async def test_policy_sets_the_lowest_version(account: Account, plane: Plane) -> None:
    lb = account.balancer()
    policy = "ELBSecurityPolicy-TLS13-1-3-2021-06"
    account.listener(lb, 18443, OK, protocol="HTTPS", certificates=with_keys(account, key_pair("a.test")), SslPolicy=policy)
    await plane.serve(account)
    where = plane.address(lb, 18443)
    await shake(where, "a.test", context())
    with pytest.raises(ssl.SSLError):
        await shake(where, "a.test", context(highest=ssl.TLSVersion.TLSv1_2))


async def test_https_request(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer(**{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true"})
    group = account.group("t", [(*await backend("one"), "healthy")])
    forward = {"Type": "forward", "TargetGroupArn": group}
    account.listener(
        lb, 18443, forward, protocol="HTTPS", certificates=with_keys(account, key_pair("a.test")), SslPolicy="ELBSecurityPolicy-2016-08"
    )
    await plane.serve(account)
    headers = (await client.get(plane.url(lb, 18443, scheme="https"), host="a.test", ssl=context())).json["headers"]
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-amzn-tls-version"] == "TLSv1.2"
    assert headers["x-amzn-tls-cipher-suite"].startswith("ECDHE-")


async def test_no_key_no_listener(account: Account, plane: Plane) -> None:
    lb = account.balancer()
    account.listener(lb, 18443, OK, protocol="HTTPS", certificates=["arn:aws:acm:ap-northeast-2:123456789012:certificate/none"])
    loop = await plane.serve(account)
    assert loop.view.warnings[lb][-1] == "listener 18443: no certificate can be served, so it does not listen"


async def test_client_certificate_is_passed_on(account: Account, plane: Plane, client: Client, backend: Backend, tmp_path: Path) -> None:
    lb = account.balancer()
    group = account.group("t", [(*await backend("one"), "healthy")])
    account.listener(
        lb,
        18443,
        {"Type": "forward", "TargetGroupArn": group},
        protocol="HTTPS",
        certificates=with_keys(account, key_pair("a.test")),
        MutualAuthentication={"Mode": "passthrough"},
    )
    await plane.serve(account)
    url = plane.url(lb, 18443, scheme="https")
    assert "x-amzn-mtls-clientcert" not in (await client.get(url, ssl=context())).json["headers"]
    headers = (await client.get(url, ssl=presenting(key_pair("me.test"), tmp_path))).json["headers"]
    assert headers["x-amzn-mtls-clientcert"].startswith("-----BEGIN%20CERTIFICATE-----")


async def test_client_certificate_is_verified(account: Account, plane: Plane, client: Client, backend: Backend, tmp_path: Path) -> None:
    lb = account.balancer()
    group = account.group("t", [(*await backend("one"), "healthy")])
    mine, other = key_pair("me.test"), key_pair("other.test")
    account.raw["bundles"] = {"trust": mine["certificate"]}
    account.listener(
        lb,
        18443,
        {"Type": "forward", "TargetGroupArn": group},
        protocol="HTTPS",
        certificates=with_keys(account, key_pair("a.test")),
        MutualAuthentication={"Mode": "verify", "TrustStoreArn": "trust"},
        attributes={"routing.http.request.x_amzn_mtls_clientcert_subject.header_name": "X-Who"},
    )
    await plane.serve(account)
    url = plane.url(lb, 18443, scheme="https")
    for stranger in (context(), presenting(other, tmp_path)):
        with pytest.raises(aiohttp.ClientError):
            await client.get(url, ssl=stranger)
    headers = (await client.get(url, ssl=presenting(mine, tmp_path))).json["headers"]
    assert (headers["x-who"], headers["x-amzn-mtls-clientcert-issuer"]) == ("CN=me.test", "CN=me.test")
    assert re.fullmatch(r"NotBefore=[-\d]+T[:\d]+Z;NotAfter=[-\d]+T[:\d]+Z", headers["x-amzn-mtls-clientcert-validity"])
    assert "x-amzn-mtls-clientcert-subject" not in headers


async def test_no_trust_store_no_listener(account: Account, plane: Plane) -> None:
    lb = account.balancer()
    mutual = {"Mode": "verify", "TrustStoreArn": "gone"}
    account.listener(lb, 18443, OK, protocol="HTTPS", certificates=with_keys(account, key_pair("a.test")), MutualAuthentication=mutual)
    loop = await plane.serve(account)
    assert loop.view.warnings[lb] == ("listener 18443: its trust store has no certificates to be read, so it does not listen",)


async def test_tls_listener_ends_tls(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    nlb = account.balancer("outer", kind="network")
    group = account.group("t", [(*await backend("one"), "healthy")], protocol="TCP")
    forward = {"Type": "forward", "TargetGroupArn": group}
    account.listener(
        nlb, 18443, forward, protocol="TLS", certificates=with_keys(account, key_pair("a.test")), AlpnPolicy=["HTTP2Preferred"]
    )
    await plane.serve(account)
    assert (await client.get(plane.url(nlb, 18443, scheme="https"), host="a.test", ssl=context())).json["host"] == "a.test"
    assert (await shake(plane.address(nlb, 18443), "a.test", context(["h2"])))[1] == "h2"


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(key: rsa.RSAPrivateKey, **claims: Any) -> str:
    head = encode(json.dumps({"alg": "RS256", "kid": "k"}).encode())
    body = encode(json.dumps(claims).encode())
    return f"{head}.{body}.{encode(key.sign(f'{head}.{body}'.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


async def test_tokens_are_validated(account: Account, plane: Plane, client: Client) -> None:
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    modulus = numbers.n.to_bytes(256, "big")
    keys = {"keys": [{"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": encode(modulus), "e": encode(b"\x01\x00\x01")}]}

    async def key_set(_: web.Request) -> web.Response:
        return web.json_response(keys)

    application = web.Application()
    application.router.add_get("/keys", key_set)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    jwks = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    claims = [{"Format": "space-separated-values", "Name": "scope", "Values": ["read", "write"]}]
    validate = {"JwksEndpoint": jwks, "Issuer": "https://idp.test", "AdditionalClaims": claims}
    lb = account.balancer()
    listener = account.listener(lb, 18080, OK)
    account.rule(
        listener,
        1,
        [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/in"]}}],
        {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": validate},
        OK | {"Order": 2},
    )
    await plane.serve(account)
    good = {"iss": "https://idp.test", "exp": 4102444800, "scope": "list read"}
    tokens = [
        token(key, **good),
        token(key, **good | {"iss": "https://other.test"}),
        token(key, **good | {"scope": "list"}),
        token(rsa.generate_private_key(65537, 2048), **good),
    ]
    url = plane.url(lb, 18080, "/in")
    answers = [await client.get(url, headers={"Authorization": f"Bearer {each}"}) for each in tokens]
    answers += [await client.get(url), await client.get(plane.url(lb, 18080, "/out"))]
    await runner.cleanup()
    assert [each.status for each in answers] == [200, 401, 401, 401, 401, 200]


@pytest.mark.parametrize("version", ["HTTP1", "HTTP2", "GRPC"])
async def test_targets_that_speak_tls(account: Account, plane: Plane, client: Client, version: str) -> None:
    inner, outer = account.balancer("inner"), account.balancer("outer")
    account.listener(inner, 18443, OK, protocol="HTTPS", certificates=with_keys(account, key_pair("a.test")))
    await plane.serve(account)
    where = plane.address(inner, 18443)
    group = account.group("t", [(*where, "healthy")], protocol="HTTPS", ProtocolVersion=version)
    account.listener(outer, 18080, {"Type": "forward", "TargetGroupArn": group})
    await plane.serve(account)
    assert (await client.get(plane.url(outer, 18080))).text == "in"
