"""Which answers of AWS decide that a problem is there. While they and the objects stay the same, it stays too."""

from collections.abc import Iterable, Mapping

from albatross.catalog import denial
from albatross.catalog.problems import severity
from albatross.model import facts
from albatross.model.facts import Facts, Question, RefusedAnswer
from albatross.model.problem import Problem

_SUBNETS = (facts.SubnetsOfVpc, facts.SubnetsById)
_FOUND = (facts.SubnetsOfVpc, facts.RouteTables)
_GROUPS = (facts.SecurityGroupsById, facts.SecurityGroupsByName)
_NAMES = (facts.HostedZones, facts.RecordsOf)

DECIDED_BY: Mapping[str, tuple[type, ...]] = {
    "LB301": _SUBNETS,
    "LB302": _SUBNETS,
    "LB303": _SUBNETS,
    "LB304": (*_SUBNETS, facts.Zones),
    "LB305": (*_SUBNETS, facts.RouteTables),
    "LB306": _SUBNETS,
    "LB307": _FOUND,
    "LB308": _GROUPS,
    "LB309": (facts.Certificates,),
    "LB310": (facts.TargetGroupByName,),
    "LB311": (facts.TrustStoreByName,),
    "LB312": (facts.WebAclByName,),
    "LB313": (),
    "LB314": (),
    "LB316": (),
    "LB317": _SUBNETS,
    "LB318": (*_SUBNETS, *_GROUPS),
    "LB319": (facts.Certificates,),
    "LB321": (facts.TargetGroupByArn,),
    "LB322": _NAMES,
    "LB323": _NAMES,
    "LB324": _NAMES,
    "LB325": (),
    "LB340": _SUBNETS,
    "LB341": (facts.LoadBalancersOfStack, facts.Vpc),
    "LB342": _SUBNETS,
    "LB343": (facts.LoadBalancersOfStack, facts.Vpc),
}
"""The questions that decide a problem with what AWS has. Questions that AWS refuses to answer are always among them."""
OF_OBJECTS = ("LB1", "LB2", "LB4")
"""The problems that only the objects decide."""
REFUSED = denial.PROBLEMS | {"LB510", "LB512", "LB518"}
"""The problems of refused answers that are errors of AWS, and not of the account."""


def questions(problems: Iterable[Problem], known: Facts) -> frozenset[Question] | None:
    """The questions, of those with an answer, that must be asked again to see whether the problems are still there.

    None: something else decides one of them too.
    """
    refused = {question for question, answer in known.answers.items() if isinstance(answer, RefusedAnswer)}
    kinds: set[type] = set()
    for problem in problems:
        code = problem.code
        if code in DECIDED_BY:
            kinds.update(DECIDED_BY[code])
        elif not (code.startswith(OF_OBJECTS) or _told(problem) or (refused and code in REFUSED)):
            return None
    return frozenset(refused | {question for question in known.answers if type(question) in kinds})


def same(before: Facts, now: Facts) -> bool:
    """Whether AWS gives the same answers again. The text of a refusal differs each time."""
    return all(_essence(before.answers.get(question)) == _essence(answer) for question, answer in now.answers.items())


def _told(problem: Problem) -> bool:
    """Whether it only says what a plan does. LB320 is about what exists in AWS."""
    return problem.code != "LB320" and severity(problem) != "error"


def _essence(answer: object) -> object:
    return (answer.service, answer.operation, answer.code) if isinstance(answer, RefusedAnswer) else answer
