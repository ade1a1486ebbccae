"""The load balancer of an object in AWS: is it there, does it work, and does the object know its address."""

from collections.abc import Iterator
from datetime import datetime

from albatross.catalog import tracking
from albatross.diagnose import controllers, events
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Ident, Origin, planned
from albatross.model.observed import Observed, Owned
from albatross.model.resources.load_balancer import LoadBalancer

STATES = {
    "provisioning": "wait: AWS needs two to five minutes",
    "active_impaired": "add free addresses to its subnets; AWS says which ones: `{command}`",
}
"""What to do in each state of AWS other than active."""


Balancer = Owned[LoadBalancer]


def of(evidence: Evidence, ident: Ident) -> tuple[Balancer, ...]:
    """The load balancers of the group of an object; those that others have replaced come last."""
    found = planned(evidence, ident)
    balancers = evidence.aws.observed.get(found.group.id, Observed()).load_balancers if found else ()
    return tuple(sorted(balancers, key=replaced))


def replaced(owned: Balancer) -> bool:
    """Whether another load balancer has its place, and it only answers clients that still know its name."""
    return tracking.moved(owned.tags) is not None


def check(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """No load balancer without a reason, a state other than active, an address that the object does not know."""
    found, at, log = planned(evidence, ident), Origin.of(ident), controllers.log(evidence)
    if found is None:
        return
    balancers = of(evidence, ident)
    if not balancers and not events.about(evidence, ident) and not found.decision.blamed.get(ident):
        yield cause("LB604", at, log, group=f"group {found.group.id}", age=_age(evidence, ident), log=log)
    for owned in balancers:
        if owned.state not in ("active", ""):
            yield _state(evidence, owned, at)
    for owned in balancers[:1]:
        shown = {entry.hostname for entry in evidence.noun(ident).status}
        if not shown & {each.dns_name for each in balancers}:
            yield cause("LB608", at.at("status.loadBalancer"), log, name=owned.resource.name, dns=owned.dns_name, log=log)


def _state(evidence: Evidence, owned: Balancer, at: Origin) -> Cause:
    command = f"aws elbv2 describe-load-balancers --region {evidence.config.region} --load-balancer-arns {owned.arn}"
    way = STATES.get(owned.state, "see what AWS says, then delete it and let the controller make it again: `{command}`")
    return cause("LB605", at, command, name=owned.resource.name, state=owned.state, said="", way=way.format(command=command))


def _age(evidence: Evidence, ident: Ident) -> str:
    made = evidence.noun(ident).metadata.creation_timestamp
    seconds = evidence.now - datetime.fromisoformat(made).timestamp() if made else 0
    return f" for {seconds:.0f} s" if seconds > 0 else ""
