"""What is wrong with the object itself, as the controller sees it now; and the edit that corrects it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from shlex import quote

from albatross.catalog import kinds
from albatross.catalog.fixes import FIXES, Spot
from albatross.catalog.problems import PROBLEMS, remedy
from albatross.catalog.shape import at, steps
from albatross.diagnose.cause import Cause, Remedy
from albatross.diagnose.evidence import Body, Evidence, Ident, Origin, answered, planned
from albatross.model.facts import CertificateFact
from albatross.model.problem import Problem

HIDDEN = frozenset({"unknown-fact", "aws-refused"})
"""Problems of the questions of the user, and not of the object: the controller has other credentials, and says so in its events."""
COMMAND = re.compile(r"`((?:albatross|kubectl|aws) [^`]+)`")
"""A command in the text of a fix."""
KEY = re.compile(r'metadata\.annotations\["(.*)"\]')


def check(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """Every problem that the controller finds in the object and in what it uses; those of others of its group are last."""
    found = planned(evidence, ident)
    if found is None:
        return
    wrong = [each for each in found.decision.problems if PROBLEMS[each.code].slug not in HIDDEN]
    others = frozenset(found.group.members) - {ident}
    for problem in sorted(wrong, key=lambda each: each.origin.ident in others):
        yield Cause(problem=problem, remedy=mended(evidence, problem))


def mended(evidence: Evidence, problem: Problem) -> Remedy:
    """The commands that correct a problem: an edit of the object, the command in the text of the fix, otherwise an editor."""
    obj = evidence.raw(problem.origin.ident)
    own = OWN[problem.code](evidence, problem, obj) if problem.code in OWN and obj else ""
    edit = own or (_fixed(problem, obj) if obj else "")
    named = tuple(COMMAND.findall(remedy(problem)))
    return Remedy(commands=(edit,) if edit else named or (_edited(problem.origin),))


def _edited(origin: Origin) -> str:
    return f"kubectl edit {origin.kind.lower()} {_name(origin)}"


def _name(origin: Origin) -> str:
    return f"-n {origin.namespace} {origin.name}" if origin.namespace else origin.name


def _fixed(problem: Problem, obj: Body) -> str:
    """The rewrite of `lint --fix` as a command; empty if there is none, or if it concerns only the text of a file."""
    value = at(obj, problem.origin.field)
    found = FIXES[problem.code].rewrite(Spot(problem, value, obj)) if problem.code in FIXES and value is not None else None
    if found is None or found.part not in ("key", "value"):
        return ""
    if found.part == "key":
        old = Spot(problem, value, obj).annotation
        return f"kubectl annotate {problem.origin.kind.lower()} {_name(problem.origin)} {quote(f'{found.text}={value}')} {old}-"
    return changed(problem.origin, found.text)


def changed(origin: Origin, value: object) -> str:
    """The command that gives a field another value."""
    key, kind = KEY.fullmatch(origin.field), origin.kind.lower()
    if key:
        return f"kubectl annotate {kind} {_name(origin)} --overwrite {quote(f'{key[1]}={value}')}"
    path = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in steps(origin.field))
    patch = json.dumps([{"op": "replace", "path": path, "value": value}])
    return f"kubectl patch {kind} {_name(origin)} --type json -p {quote(patch)}"


# Edits that need more than the value -----------------------------------------------------------------------------------


def _port(evidence: Evidence, problem: Problem, obj: Body) -> str:
    """The only port of the Service, in place of one that it does not have."""
    name, _, number = dict(problem.args)["known"].rpartition(":")
    port = at(obj, f"{problem.origin.field}.port")
    if not number.isdecimal() or "," in name or not isinstance(port, Mapping):
        return ""
    return changed(problem.origin.at(f"{problem.origin.field}.port"), {"number": int(number)})


def _service(evidence: Evidence, problem: Problem, obj: Body) -> str:
    """A Service of the namespace with a similar name."""
    written = at(obj, f"{problem.origin.field}.name")
    names = [name for namespace, name in kinds.objects(evidence.snapshot, "Service") if namespace == problem.origin.namespace]
    near = get_close_matches(str(written), names, 1, 0.6)
    return changed(problem.origin.at(f"{problem.origin.field}.name"), near[0]) if near and isinstance(written, str) else ""


def _certificate(evidence: Evidence, problem: Problem, obj: Body) -> str:
    """The certificates of this region that cover the hosts; without one, the command that requests it."""
    hosts = sorted(_hosts(obj))
    issued = [each for each in answered(evidence, CertificateFact) if each.status == "ISSUED" and all(each.covers(host) for host in hosts)]
    if hosts and issued and KEY.fullmatch(problem.origin.field):
        return changed(problem.origin, issued[0].arn)
    region, others = evidence.config.region, "".join(f" --subject-alternative-names {host}" for host in hosts[1:])
    return f"aws acm request-certificate --region {region} --domain-name {hosts[0]}{others} --validation-method DNS" if hosts else ""


def _hosts(obj: Body) -> set[str]:
    return {rule["host"] for rule in (obj.get("spec") or {}).get("rules") or () if rule.get("host")}


def _tagged(evidence: Evidence, problem: Problem, obj: Body) -> str:
    role = dict(problem.args)["role"]
    return f"aws ec2 create-tags --region {evidence.config.region} --resources SUBNET_IDS --tags Key={role},Value=1"


OWN: Mapping[str, Callable[[Evidence, Problem, Body], str]] = {
    "LB185": _certificate,
    "LB206": _service,
    "LB207": _service,
    "LB208": _port,
    "LB307": _tagged,
    "LB309": _certificate,
}
"""Edits by the code of the problem; an empty text if it is not clear what was meant."""
