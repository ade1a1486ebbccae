"""The admission webhooks: their CA, the pods behind them, and what happens to requests while nobody answers."""

from collections.abc import Iterator
from datetime import UTC, datetime

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.controllers import TITLES, main, restart, started
from albatross.diagnose.evidence import Body, Evidence, Origin, endpoints, key

KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
NAMES = ("elbv2.k8s.aws", "albatross.dev")
"""Parts of the names of the webhooks of these controllers."""


def ours(evidence: Evidence) -> Iterator[Body]:
    """The configurations of load balancer controllers."""
    for kind in KINDS:
        for each in evidence.of(kind):
            if any(part in str(hook["name"]) for hook in each.get("webhooks") or () for part in NAMES):
                yield each


def check(evidence: Evidence) -> Iterator[Cause]:
    """A CA that has ended, a CA of another certificate, a Service without endpoints."""
    for each in ours(evidence):
        at = Origin(str(each["kind"]), "", key(each)[1])
        yield from _authority(evidence, each, at)
        yield from _unanswered(evidence, each, at)


def _authority(evidence: Evidence, each: Body, at: Origin) -> Iterator[Cause]:
    known = evidence.authorities.get(f"{at.kind}/{at.name}", ())
    names = ", ".join(str(hook["name"]) for hook in each["webhooks"])
    if known and all(ca.ends < evidence.now for ca in known):
        command = _renewal(evidence, at)
        ended = datetime.fromtimestamp(max(ca.ends for ca in known), UTC).isoformat().replace("+00:00", "Z")
        words = {"configuration": at.name, "ended": ended, "names": names, "way": f"make it again: `{command}`"}
        yield cause("LB662", at.at("webhooks[0].clientConfig.caBundle"), command, **words)
    elif known and all(ca.signs is False for ca in known):
        command, service = _renewal(evidence, at), _service(each["webhooks"][0])
        words = {"configuration": at.name, "secret": "of the controller", "service": "/".join(service)}
        yield cause("LB663", at.at("webhooks[0].clientConfig.caBundle"), command, **words, way=f"make it again: `{command}`")


def _renewal(evidence: Evidence, at: Origin) -> str:
    """The command after which the leader writes its CA again; a configuration without a controller is deleted."""
    found = main(evidence)
    return restart(found) if found and found.wanted else f"kubectl delete {at.kind.lower()} {at.name}"


def _service(hook: Body) -> tuple[str, str]:
    """(namespace, name) of the Service that a webhook calls; empty for a URL."""
    found = (hook.get("clientConfig") or {}).get("service") or {}
    return str(found.get("namespace") or ""), str(found.get("name") or "")


def _unanswered(evidence: Evidence, each: Body, at: Origin) -> Iterator[Cause]:
    services = dict.fromkeys(_service(hook) for hook in each["webhooks"])
    for namespace, name in services:
        if not name or endpoints(evidence, namespace, name):
            continue
        hooks = [hook for hook in each["webhooks"] if _service(hook) == (namespace, name)]
        policies = sorted({str(hook.get("failurePolicy") or "Fail") for hook in hooks})
        found = main(evidence)
        command = started(found) if found else f"kubectl delete {at.kind.lower()} {at.name}"
        words = {"names": ", ".join(str(hook["name"]) for hook in hooks), "configuration": at.name}
        words |= {"service": f"{namespace}/{name}", "policy": ", ".join(policies), "command": command}
        yield cause("LB664", at, command, **words)


def remark(evidence: Evidence) -> str:
    """The configurations."""
    names = ", ".join(dict.fromkeys(key(each)[1] for each in ours(evidence)))
    return names or f"no webhooks of {' or '.join(TITLES.values())} are registered"
