"""Adds web ACLs and Shield protection to load balancers, and removes them."""

from albatross.aws.read.shield import PROTECTION
from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.wire.action import literal
from albatross.model.plan import Create, Delete
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation

Association = WebAclAssociation | RegionalWebAclAssociation | Protection


async def create(session: Session, made: Create, association: Association) -> None:
    """Associate a web ACL, or create a protection."""
    arn = literal(association.resource)
    match association:
        case WebAclAssociation(web_acl_arn=acl):
            await session.call("wafv2", "AssociateWebACL", WebACLArn=acl, ResourceArn=arn)
            session.cache.put(("web acl", arn), acl)
        case RegionalWebAclAssociation(web_acl_id=acl):
            await session.call("waf-regional", "AssociateWebACL", WebACLId=acl, ResourceArn=arn)
            session.cache.put(("regional web acl", arn), acl)
        case Protection():
            await session.call("shield", "CreateProtection", Name=PROTECTION, ResourceArn=arn)
            session.cache.forget(("protection", arn))


async def delete(session: Session, gone: Delete, association: Association) -> None:
    """Disassociate a web ACL, or delete a protection; `before.arn` is the ARN of the load balancer, or the id of the protection."""
    arn = literal(association.resource)
    match association:
        case WebAclAssociation():
            await session.call("wafv2", "DisassociateWebACL", ResourceArn=arn)
            session.cache.put(("web acl", arn), "")
        case RegionalWebAclAssociation():
            await session.call("waf-regional", "DisassociateWebACL", ResourceArn=arn)
            session.cache.put(("regional web acl", arn), "")
        case Protection():
            try:
                await session.call("shield", "DeleteProtection", ProtectionId=gone.before.arn)
            except NotFound:
                pass
            session.cache.forget(("protection", arn))
