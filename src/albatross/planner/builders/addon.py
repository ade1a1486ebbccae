"""Web ACLs and Shield protection; where no member says anything, what is there stays untouched."""

from collections.abc import Callable

from albatross.model.facts import WebAclByName
from albatross.model.intent import LoadBalancerSettings, Setting
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.planner.builders import merge
from albatross.planner.builders.listener import LOAD_BALANCER
from albatross.planner.builders.load_balancer import ID
from albatross.planner.builders.task import Task

NONE = "none"


def _said(task: Task, what: str, pick: Callable[[LoadBalancerSettings], Setting[str] | None]) -> Setting[str] | None:
    return merge.exclusive(((each.ident, pick(each.settings)) for each in task.intent.members), what, task.ledger)


def web_acls(task: Task) -> tuple[WebAclAssociation, ...]:
    """The WAFv2 web ACL; a name anywhere in the group beats every ARN."""
    named = _said(task, "wafv2-acl-name", lambda settings: settings.web_acl_name)
    if named is not None:
        return (WebAclAssociation(id=ID, resource=LOAD_BALANCER, web_acl_arn=_arn(named, task)),)
    given = _said(task, "wafv2-acl-arn", lambda settings: settings.web_acl_arn)
    if given is None:
        return ()
    return (WebAclAssociation(id=ID, resource=LOAD_BALANCER, web_acl_arn="" if given.value == NONE else given.value),)


def _arn(named: Setting[str], task: Task) -> str:
    if named.value == NONE:
        return ""
    found = task.ask(WebAclByName(named.value), str, named.origin)
    if found is None:
        return named.value
    if not found:
        task.ledger.fail("LB312", named.origin, name=named.value)
        return ""
    return found[0]


def regional_web_acls(task: Task) -> tuple[RegionalWebAclAssociation, ...]:
    """The WAF Classic web ACL."""
    given = _said(task, "waf-acl-id", lambda settings: settings.web_acl_classic)
    if given is None:
        return ()
    return (RegionalWebAclAssociation(id=ID, resource=LOAD_BALANCER, web_acl_id="" if given.value == NONE else given.value),)


def protections(task: Task) -> tuple[Protection, ...]:
    """Shield Advanced."""
    said = ((each.ident, each.settings.shield) for each in task.intent.members)
    given = merge.harmless(said, "shield-advanced-protection", task.ledger)
    return (Protection(id=ID, resource=LOAD_BALANCER, enabled=given.value),) if given else ()
