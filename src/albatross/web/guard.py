"""Who may ask, and the headers of each answer, as the OWASP Secure Headers Project and its cheat sheets for CSRF and DNS rebinding say."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from albatross.bucket import Bucket
from albatross.clock import Clock

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
LARGEST = 256 << 10
"""Bytes of a request (chosen by us: many manifests, and little work)."""


@dataclass
class Doorman:
    """Lets requests in. `hosts` are further names that the page may have; an IP address is always accepted, because it cannot be rebound.

    `reads` and `writes` limit the requests of all pages together.
    """

    clock: Clock
    hosts: Collection[str] = ()
    reads: Bucket = field(init=False)
    writes: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.reads = Bucket(200, 50, self.clock)
        self.writes = Bucket(10, 4, self.clock)

    def refusal(self, request: web.Request) -> tuple[int, str] | None:
        """The status and the reason if the request is not served."""
        if request.method not in ("GET", "HEAD", "POST"):
            return 405, "this page only reads"
        host = name(request.headers.get("Host", ""))
        if not self._known(host):
            return 403, f"the page is not served as {host}; add the name to --page-hosts"
        if request.method == "POST" and not self._own(request):
            return 403, "the text must come from this page"
        bucket = self.writes if request.method == "POST" else self.reads
        return None if bucket.spare() else (429, "too many requests; try again in a few seconds")

    def _known(self, host: str) -> bool:
        if host == "localhost" or host in self.hosts:
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def _own(self, request: web.Request) -> bool:
        """Whether a browser sent the request from this page. Browsers always send such a header; other programs rarely do."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site == "same-origin"
        return urlsplit(request.headers.get("Origin", "")).netloc == request.headers.get("Host")


def name(host: str) -> str:
    """The name or address in a Host header, without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def guarded(doorman: Doorman) -> Middleware:
    """The middleware that asks the doorman first, and turns errors into plain texts."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        refused = doorman.refusal(request)
        if refused is not None:
            status, reason = refused
            return web.Response(status=status, text=reason)
        try:
            return await handler(request)
        except web.HTTPException as error:
            return web.Response(status=error.status, text=error.reason)

    return handle


async def headed(_: web.Request, answer: web.StreamResponse) -> None:
    """Add the headers to an answer, also to a stream; for `Application.on_response_prepare`."""
    for key, value in HEADERS.items():
        answer.headers.setdefault(key, value)
