"""Whether the object exists, and whether something keeps it although it was deleted."""

from collections.abc import Iterator
from difflib import get_close_matches

from albatross.diagnose import controllers
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Ident, Origin
from albatross.install.removal import FINALIZERS


def missing(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """The object does not exist; objects with a similar name are named."""
    every = evidence.nouns(ident.kind)
    if ident.key in every:
        return
    names = {f"{namespace}/{name}": namespace for namespace, name in every}
    same = [text for text in names if text.endswith(f"/{ident.name}")]
    near = dict.fromkeys([*same, *get_close_matches(ident.short, names, 3, 0.85)])
    plural = ident.kind.lower()
    said = f"; did you mean {' or '.join(near)}?" if near else ""
    command = f"kubectl get {plural} --all-namespaces"
    yield cause("LB600", Origin.of(ident), command, kind=ident.kind, name=ident.short, near=said, plural=plural)


def left(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """The object was deleted, and waits for a finalizer that nobody removes."""
    noun = evidence.noun(ident)
    held = [name for name in noun.metadata.finalizers if name.startswith(FINALIZERS)]
    if not (noun.metadata.deleting and held):
        return
    reason, way, *commands = _release(evidence, ident)
    yield cause(
        "LB602",
        Origin.of(ident, "metadata.finalizers"),
        *commands,
        since=noun.metadata.deletion_timestamp,
        finalizer=", ".join(held),
        reason=reason,
        way=way,
    )


def _release(evidence: Evidence, ident: Ident) -> tuple[str, ...]:
    """The reason, the way out, and its commands."""
    found = controllers.main(evidence)
    patch = '[{"op": "remove", "path": "/metadata/finalizers"}]'
    release = f"kubectl patch {ident.kind.lower()} -n {ident.namespace} {ident.name} --type json -p '{patch}'"
    leave = f"; to leave everything in AWS, remove the finalizer by hand: `{release}`"
    if evidence.leader or (found and found.ready):
        log = controllers.log(evidence)
        return "the controller has not removed it yet", f"see what the controller says: `{log}`{leave}", log, release
    start = controllers.started(found)
    return "no controller runs that could remove it", f"start a controller, which deletes the load balancer: `{start}`{leave}", start
