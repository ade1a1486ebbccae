"""Web ACLs and Shield protection; if no member sets them, the current ones do not change."""

from albatross.model.facts import WebAclByName
from albatross.model.intent import Balancer, Setting
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.ref import Ref
from albatross.planner.builders import merge
from albatross.planner.builders.task import Task

NONE = "none"


def _arn_of(balancer: Balancer) -> Ref:
    return Ref("LoadBalancer", balancer.id, "arn")


def web_acls(balancer: Balancer, task: Task) -> tuple[WebAclAssociation, ...]:
    """The WAFv2 web ACL; a name in any member has priority over all ARNs."""
    named = merge.exclusive(merge.said(balancer, "web_acl_name"), "wafv2-acl-name", task.ledger)
    if named is not None:
        return (WebAclAssociation(id=balancer.id, resource=_arn_of(balancer), web_acl_arn=_arn(named, task)),)
    given = merge.exclusive(merge.said(balancer, "web_acl_arn"), "wafv2-acl-arn", task.ledger)
    if given is None:
        return ()
    arn = "" if given.value == NONE else given.value
    return (WebAclAssociation(id=balancer.id, resource=_arn_of(balancer), web_acl_arn=arn),)


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


def regional_web_acls(balancer: Balancer, task: Task) -> tuple[RegionalWebAclAssociation, ...]:
    """The WAF Classic web ACL."""
    given = merge.exclusive(merge.said(balancer, "web_acl_classic"), "waf-acl-id", task.ledger)
    if given is None:
        return ()
    acl = "" if given.value == NONE else given.value
    return (RegionalWebAclAssociation(id=balancer.id, resource=_arn_of(balancer), web_acl_id=acl),)


def protections(balancer: Balancer, task: Task) -> tuple[Protection, ...]:
    """Shield Advanced."""
    given = merge.harmless(merge.said(balancer, "shield"), "shield-advanced-protection", task.ledger)
    return (Protection(id=balancer.id, resource=_arn_of(balancer), enabled=given.value),) if given else ()
