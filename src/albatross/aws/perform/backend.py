"""The cluster's shared backend security group: every load balancer has it, and the rules of the targets name it as the source."""

import hashlib
import re

from albatross.aws.perform import security_group, tag
from albatross.aws.session.client import Session
from albatross.aws.session.errors import Conflict
from albatross.aws.wire import answer
from albatross.catalog import tracking
from albatross.model import facts
from albatross.model.resources.security_group import SecurityGroup

DESCRIPTION = "[k8s] Shared Backend SecurityGroup for LoadBalancer"

_FACT = ("fact", facts.BackendSecurityGroup())


def name(cluster: str) -> str:
    """`k8s-traffic-<cluster>-<hash>`, the name that the peer uses."""
    word = re.sub(r"[^A-Za-z0-9]", "", cluster)[:232]
    return f"k8s-traffic-{word}-{hashlib.sha256(cluster.encode()).hexdigest()[:10]}"


async def ensure(session: Session) -> str:
    """The group's id. The group is created if it does not exist; its tags are set to the default tags and our tags."""
    if session.config.backend_security_group:
        return session.config.backend_security_group
    async with session.lock("backend security group"):
        if not session.backend:
            session.backend = await _find(session) or await _make(session)
            session.cache.put(_FACT, (_fact(session, session.backend),))
        return session.backend


def _fact(session: Session, group: str) -> facts.SecurityGroupFact:
    """What a look would answer, so that the group is not read again after it was found or created."""
    config = session.config
    return facts.SecurityGroupFact(id=group, name=name(config.cluster_name), vpc_id=config.vpc_id, tags=_tags(session))


async def _find(session: Session) -> str | None:
    config = session.config
    place = [{"Name": "vpc-id", "Values": [config.vpc_id]}] if config.vpc_id else []
    ours = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tracking.backend_group(config).items()]
    groups = await session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=[*place, *ours])
    if not groups:
        return None
    group = str(groups[0]["GroupId"])
    await _retag(session, group, answer.tags(groups[0]))
    return group


async def _retag(session: Session, group: str, current: facts.Tags) -> None:
    """Tags of others are kept. The peer removes them, but this has no use."""
    put = {key: value for key, value in _tags(session).items() if current.get(key) != value}
    if put:
        await session.call("ec2", "CreateTags", Resources=[group], Tags=tag.items(tuple(sorted(put.items()))))


def _tags(session: Session) -> dict[str, str]:
    return {**session.config.default_tags, **tracking.backend_group(session.config)}


async def _make(session: Session) -> str:
    wanted = SecurityGroup(id="backend-sg", name=name(session.config.cluster_name), description=DESCRIPTION)
    try:
        return await security_group.new(session, wanted, tuple(sorted(_tags(session).items())))
    except Conflict:
        found = await _find(session)  # another replica has created it
        if found is None:
            raise
        return found


async def release(session: Session, rules: security_group.Release | None = None) -> None:
    """Delete the group when no resource in the cluster needs it. A group from the operator's settings is kept. Errors: NotReady (in use).

    `rules` is called to remove our rules that name the group.
    """
    if session.config.backend_security_group:
        return
    async with session.lock("backend security group"):
        session.backend = ""
        found = await _find(session)
        if found is not None:
            await security_group.remove(session, found, rules)
        session.cache.forget(_FACT)
