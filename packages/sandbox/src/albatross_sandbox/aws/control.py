"""The sandbox's own calls, beside AWS's: `/_sandbox/…`.

| call | what |
|---|---|
| `GET journal?since=N`, `POST reset-journal` | every call that reached the account, secrets struck out |
| `POST faults` | rows {service, operation, code, status, message, times, lost}; they replace those before, [] ends them |
| `POST latency` | {seconds} for all calls, or rows {service, operation, seconds} |
| `GET, POST limits` | `rates` (rows {service, operation, burst, rate}) and `quotas` (DescribeAccountLimits' names) |
| `GET, POST clock` | the account's time; {advance: seconds} |
| `POST timing` | {provisioning, eni_release}: how many seconds AWS needs; {health_checks} false: every check passes unasked |
| `GET keys/ARN`, `GET bundles/ARN` | a certificate's private key; a trust store's CA certificates |
| `POST addresses` | where the data plane answers: {load balancer ARN: address} |
| `POST cluster` | {name, endpoint, certificate_authority}: where the Kubernetes API of a cluster is, for `eks:DescribeCluster` |
| `GET certificates` | the certificates of ACM: rows {arn, names, status} |
| `POST certificates` | {names}: a certificate of the account's own authority for them, imported into ACM; its ARN |
| `POST token` | {namespace, service_account, audience, pod, seconds}: a token of a service account, as a pod finds it in its files |
| `POST shield`, `POST waf-regional` | {subscription}; {id, name} of a WAF Classic web ACL |
"""

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from albatross_sandbox.aws.account import LIMITS
from albatross_sandbox.aws.front import Endpoint
from albatross_sandbox.aws.iam.issuer import Subject
from albatross_sandbox.aws.inject import service_name

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(endpoint: Endpoint) -> list[web.RouteDef]:
    """Every control route, then the catch-all that is AWS."""
    control = Control(endpoint)
    return [
        web.get("/_sandbox/journal", control.journal),
        web.post("/_sandbox/reset-journal", control.reset_journal),
        web.post("/_sandbox/faults", control.faults),
        web.post("/_sandbox/latency", control.latency),
        web.get("/_sandbox/limits", control.limits),
        web.post("/_sandbox/limits", control.set_limits),
        web.get("/_sandbox/clock", control.clock),
        web.post("/_sandbox/clock", control.advance),
        web.post("/_sandbox/timing", control.timing),
        web.post("/_sandbox/addresses", control.addresses),
        web.post("/_sandbox/cluster", control.cluster),
        web.get("/_sandbox/certificates", control.certificates),
        web.post("/_sandbox/certificates", control.certify),
        web.post("/_sandbox/token", control.token),
        web.post("/_sandbox/shield", control.shield),
        web.post("/_sandbox/waf-regional", control.waf_regional),
        web.get("/_sandbox/keys/{arn:.+}", control.keys),
        web.get("/_sandbox/bundles/{arn:.+}", control.bundle),
        web.route("*", "/_sandbox/{rest:.*}", control.unknown),
        web.route("*", "/{rest:.*}", endpoint.handle),
    ]


class Control:
    """Handlers of the control calls; a malformed one is answered 400 with what is wrong."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def journal(self, request: web.Request) -> web.Response:
        """Calls numbered above `since`."""
        return _json({"calls": self._endpoint.journal.since(int(request.query.get("since", 0)))})

    async def reset_journal(self, _: web.Request) -> web.Response:
        """Forget every call."""
        self._endpoint.journal.reset()
        return _json({})

    async def faults(self, request: web.Request) -> web.Response:
        """Plan faults in place of those planned before."""
        rows = await _body(request)
        self._endpoint.injector.plan(rows if isinstance(rows, list) else [rows])
        return _json({"planned": len(self._endpoint.injector.faults)})

    async def latency(self, request: web.Request) -> web.Response:
        """Delay calls: {seconds} for all, or rows {service, operation, seconds}."""
        rows = await _body(request)
        self._endpoint.injector.delay(rows if isinstance(rows, list) else [rows])
        return _json({"delays": len(self._endpoint.injector.delays)})

    async def limits(self, _: web.Request) -> web.Response:
        """Rate limits and quotas in force."""
        return _json({"rates": self._endpoint.throttle.shown(), "quotas": {**LIMITS, **self._endpoint.store.limits}})

    async def set_limits(self, request: web.Request) -> web.Response:
        """Change `rates` (all of them, [] lifts them) and `quotas` (those named)."""
        body = await _body(request)
        if unknown := set(body) - {"rates", "quotas"} | set(body.get("quotas", {})) - set(LIMITS):
            raise web.HTTPBadRequest(
                text=f"unknown limits: {', '.join(sorted(unknown))}; known are rates, quotas and in quotas {', '.join(LIMITS)}"
            )
        if "rates" in body:
            self._endpoint.throttle.set([{**row, "service": service_name(row["service"])} for row in body["rates"]])
        self._endpoint.store.limits.update({name: int(value) for name, value in body.get("quotas", {}).items()})
        return await self.limits(request)

    async def clock(self, _: web.Request) -> web.Response:
        """The account's time, in seconds since the epoch."""
        return _json({"now": self._endpoint.clock.now()})

    async def advance(self, request: web.Request) -> web.Response:
        """Move the account's clock forward."""
        body = await _body(request)
        try:
            self._endpoint.clock.advance(float(body.get("advance", 0)))
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return await self.clock(request)

    async def timing(self, request: web.Request) -> web.Response:
        """Change how long AWS takes: `provisioning`, `eni_release` (seconds), and whether it asks targets: `health_checks`."""
        timing = self._endpoint.store.timing
        body = await _body(request)
        timing.provisioning = float(body.get("provisioning", timing.provisioning))
        timing.eni_release = float(body.get("eni_release", timing.eni_release))
        timing.health_checks = bool(body.get("health_checks", timing.health_checks))
        for group in self._endpoint.store.target_groups.values():
            group.poke()
        return _json({"provisioning": timing.provisioning, "eni_release": timing.eni_release, "health_checks": timing.health_checks})

    async def addresses(self, request: web.Request) -> web.Response:
        """Where the data plane answers: {load balancer ARN: address}; used to probe targets of type alb."""
        self._endpoint.store.addresses.update(await _body(request))
        return _json(self._endpoint.store.addresses)

    async def cluster(self, request: web.Request) -> web.Response:
        """Where a cluster's API is, and the PEM text of its authority."""
        body = await _body(request)
        held = self._endpoint.small.eks.held.get(body.get("name", ""))
        if held is None:
            raise web.HTTPNotFound(text="EKS has no cluster of that name")
        held["endpoint"] = body["endpoint"]
        held["certificateAuthority"] = {"data": base64.b64encode(body["certificate_authority"].encode()).decode()}
        return _json({})

    async def certificates(self, _: web.Request) -> web.Response:
        """What ACM has, in the order in which it came."""
        return _json(await self._endpoint.passage.keyring.listed())

    async def certify(self, request: web.Request) -> web.Response:
        """A certificate that the sandbox's authority has issued."""
        names = (await _body(request)).get("names")
        if not isinstance(names, list) or not names:
            raise web.HTTPBadRequest(text="a certificate needs names")
        return _json({"arn": await self._endpoint.passage.keyring.add([str(each) for each in names]), "names": names})

    async def token(self, request: web.Request) -> web.Response:
        """A token of a service account; its audience is STS unless another is named."""
        body = await _body(request)
        if not {"namespace", "service_account"} <= set(body):
            raise web.HTTPBadRequest(text="a token needs namespace and service_account")
        subject = Subject(body["namespace"], body["service_account"], body.get("pod", ""))
        made = self._endpoint.tokens.issuer.token(subject, body.get("audience", "sts.amazonaws.com"), int(body.get("seconds", 3600)))
        return _json({"token": made})

    async def shield(self, request: web.Request) -> web.Response:
        """Set the account's Shield Advanced subscription: {subscription: ACTIVE | INACTIVE}."""
        self._endpoint.small.subscription = (await _body(request))["subscription"]
        return _json({"subscription": self._endpoint.small.subscription})

    async def waf_regional(self, request: web.Request) -> web.Response:
        """Add a WAF Classic web ACL: {id, name}."""
        body = await _body(request)
        self._endpoint.small.web_acls[body["id"]] = {"WebACLId": body["id"], "Name": body.get("name", body["id"])}
        return _json({})

    async def keys(self, request: web.Request) -> web.Response:
        """Certificate, key and chain of a certificate in ACM."""
        found = await self._endpoint.passage.keyring.find(request.match_info["arn"])
        if found is None:
            raise web.HTTPNotFound(text="ACM has no issued certificate with that ARN")
        return _json(found)

    async def bundle(self, request: web.Request) -> web.Response:
        """The CA certificates of a trust store, as GetTrustStoreCaCertificatesBundle points at them."""
        held = self._endpoint.store.trust_stores.get(request.match_info["arn"])
        if held is None:
            raise web.HTTPNotFound(text="no trust store has that ARN")
        return web.Response(text=held.bundle)

    async def unknown(self, request: web.Request) -> web.Response:
        """What is no control call."""
        raise web.HTTPNotFound(text=f"the sandbox has no {request.path}")


async def _body(request: web.Request) -> Any:
    try:
        return orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise web.HTTPBadRequest(text=f"the body is not JSON: {error}") from None


def _json(value: Any) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
