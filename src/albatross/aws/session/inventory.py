"""The account's load balancers, target groups and security groups: all groups of objects share one list.

A list needs a few calls (400 items per page, 20 per call for tags). It is kept for `LIST_SECONDS`; our own writes are stored at once,
so a controller that creates a hundred load balancers does not list them a hundred times. Tags are kept for `TAG_SECONDS`: if others remove
a tag, we notice it after that time.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from albatross.aws.session.cache import retrieved
from albatross.aws.session.errors import LAG_SECONDS, NotFound
from albatross.aws.session.transport import Transport
from albatross.aws.wire import answer
from albatross.catalog import tracking
from albatross.model.facts import Tags
from albatross.model.resources.stack import StackId

Kind = Literal["load_balancer", "target_group", "security_group"]
Item = Mapping[str, Any]
Row = tuple[Item, Tags]
"""A resource and its tags."""

STACKS = tuple(f"{owner}/stack" for owner in tracking.OWNERS)
"""The tags that can name a stack."""
LIST_SECONDS = 30.0
"""How long a list is used; chosen by us: a deletion by others is noticed within this time."""
TAG_SECONDS = 20 * 60.0
"""How long tags are used; the peer uses the same time."""
CHUNK = 20
"""Resources per DescribeTags call (elbv2 limit)."""
LINGER = 0.002
"""Seconds in which requests for tags are collected into one call; chosen by us."""


@dataclass(slots=True)
class _Shelf:
    items: dict[str, Item] = field(default_factory=dict)
    at: float = float("-inf")
    dirty: dict[str, float] = field(default_factory=dict)
    written: dict[str, tuple[float, Item | None]] = field(default_factory=dict)
    view: "_View | None" = None


@dataclass(frozen=True, slots=True)
class _View:
    """A list with its tags, and the rows of each stack by its tag. It is valid until something is stored.

    `oldest` is the time when the oldest of these tags was read; `stored`: how often something had been stored before.
    """

    rows: Sequence[Row]
    oldest: float
    stored: int
    stacks: Mapping[tuple[str, str], Sequence[Row]]


class Inventory:
    """The resources in the account, shared by all groups of a session."""

    def __init__(self, session: Transport) -> None:
        self._session = session
        self._shelves: dict[Kind, _Shelf] = {"load_balancer": _Shelf(), "target_group": _Shelf(), "security_group": _Shelf()}
        self._tags: dict[str, tuple[float, Tags]] = {}
        self._wanted: set[str] = set()
        self._trusted = TAG_SECONDS
        self._stored = 0
        self._recent: dict[str, float] = {}
        self._fetching: asyncio.Task[None] | None = None

    async def load_balancers(self, trust: float = 0.0) -> Sequence[Row]:
        """Load balancers of the VPC with their tags, in AWS' order. `trust`: how old the list and the tags may be, if older than usual."""
        return (await self._view("load_balancer", trust)).rows

    async def target_groups(self) -> Sequence[Row]:
        """Target groups of the VPC with their tags, in AWS' order."""
        return (await self._view("target_group", 0.0)).rows

    async def security_groups(self) -> Sequence[Row]:
        """Security groups of the VPC that have one of our cluster tags, with their tags."""
        return (await self._view("security_group", 0.0)).rows

    async def tagged(self, kind: Kind, stack: StackId, trust: float = 0.0) -> Sequence[Row]:
        """Those of a list that have the tag of a stack, with their tags. It is fast: a controller asks for thousands of stacks."""
        return (await self._view(kind, trust)).stacks.get((f"{stack.owner}/stack", str(stack)), ())

    async def tags(self, arns: Iterable[str], trust: float = 0.0) -> Mapping[str, Tags]:
        """Tags of elbv2 resources by ARN; empty for a deleted resource. Simultaneous requests share calls."""
        wanted = list(arns)
        missing = {arn for arn in wanted if not self._fresh(arn, trust)}
        while missing:
            self._wanted |= missing
            if self._fetching is None or self._fetching.done():
                self._fetching = asyncio.ensure_future(self._gather())
                self._fetching.add_done_callback(retrieved)
            await asyncio.shield(self._fetching)
            missing = {arn for arn in missing if not self._fresh(arn, trust)}
        return {arn: self._tags[arn][1] for arn in wanted}

    def put(self, kind: Kind, item: Item, tags: Tags | None = None) -> None:
        """Store a resource that one of our writes created or changed."""
        shelf, key = self._shelves[kind], _key(kind, item)
        self._stored += 1
        shelf.written[key] = (self._session.clock.now(), item)
        self._recent[key] = self._session.clock.now()
        shelf.items[key] = item
        if tags is not None:
            self.retag(key, tags)

    def drop(self, kind: Kind, key: str) -> None:
        """Remove a resource that one of our writes deleted, or that does not exist any more."""
        shelf = self._shelves[kind]
        self._stored += 1
        shelf.written[key] = (self._session.clock.now(), None)
        self._recent.pop(key, None)
        shelf.items.pop(key, None)
        shelf.dirty.pop(key, None)
        self._tags.pop(key, None)

    def recent(self, key: str) -> bool:
        """Whether one of our writes created or changed a resource a moment ago: not every part of AWS may know it yet."""
        return self._session.clock.now() - self._recent.get(key, float("-inf")) < LIST_SECONDS

    def touch(self, kind: Kind, key: str) -> None:
        """Read one item again next time, because one of our writes created or changed it."""
        self._shelves[kind].dirty[key] = self._session.clock.now()

    def retag(self, arn: str, tags: Tags) -> None:
        """Store the tags that a resource has after one of our writes."""
        self._outdate([arn])
        self._tags[arn] = (self._session.clock.now(), dict(tags))

    def untag(self, arns: Iterable[str]) -> None:
        """Read the tags of these resources again next time."""
        found = list(arns)
        self._outdate(found)
        for arn in found:
            self._tags.pop(arn, None)

    def relist(self) -> None:
        """List everything again next time: a resource that we expected does not exist, even if we created it ourselves."""
        for shelf in self._shelves.values():
            shelf.at = float("-inf")
            shelf.written = {key: (at, item) for key, (at, item) in shelf.written.items() if item is None}

    def forget(self) -> None:
        """Read everything again next time, including tags."""
        self._stored += 1
        self.relist()
        self._tags.clear()

    def __len__(self) -> int:
        """The number of resources with stored tags."""
        return len(self._tags)

    def close(self) -> None:
        """Stop the running calls."""
        if self._fetching is not None:
            self._fetching.cancel()

    def _outdate(self, arns: Iterable[str]) -> None:
        """The tags of these resources change. Those of listeners and rules are in no list."""
        self._stored += any(arn in shelf.items for arn in arns for shelf in self._shelves.values())

    async def _view(self, kind: Kind, trust: float) -> _View:
        """The list with its tags; the same as before if nothing was stored since then, and if no tag is too old."""
        items, shelf, now = await self._list(kind, trust), self._shelves[kind], self._session.clock.now()
        stored = self._stored  # before the tags are read: what is stored meanwhile makes the view old
        self._trusted = max(self._trusted, trust)
        before = shelf.view
        if before and before.stored == self._stored and now - before.oldest < max(TAG_SECONDS, trust):
            return before
        rows = await self._rows(kind, items, trust)
        ages = (self._tags[_key(kind, item)][0] for item, _ in rows) if kind != "security_group" else ()
        shelf.view = _View(rows, min(ages, default=float("inf")), stored, _by_stack(rows))
        return shelf.view

    async def _rows(self, kind: Kind, items: Iterable[Item], trust: float) -> Sequence[Row]:
        if kind == "security_group":
            return [(item, answer.tags(item)) for item in items]
        vpc = self._session.config.vpc_id
        here = [item for item in items if not vpc or item.get("VpcId", vpc) == vpc]
        tags = await self.tags((_key(kind, item) for item in here), trust)
        return [(item, tags[_key(kind, item)]) for item in here]

    async def _list(self, kind: Kind, trust: float = 0.0) -> list[Item]:
        shelf, clock = self._shelves[kind], self._session.clock
        async with self._session.lock(f"inventory {kind}"):
            if clock.now() - shelf.at >= max(LIST_SECONDS, trust):
                began = clock.now()
                shelf.dirty.clear()  # before the calls: an item that changes while we read must be read again
                found = await self._sweep(kind)
                self._merge(shelf, {_key(kind, item): item for item in found}, began)
            elif shelf.dirty:
                await self._refresh(kind, shelf)
            return list(shelf.items.values())

    def _merge(self, shelf: _Shelf, found: dict[str, Item], began: float) -> None:
        """Apply our recent writes to a new list: its calls may be older than these writes (and answers of AWS lag a little)."""
        shelf.written = {key: (at, item) for key, (at, item) in shelf.written.items() if at >= began - LIST_SECONDS}
        self._recent = {key: at for key, at in self._recent.items() if at >= began - LIST_SECONDS}
        for key, (_, item) in shelf.written.items():
            if item is None:
                found.pop(key, None)
            else:
                found.setdefault(key, item)
        shelf.items, shelf.at = found, began
        self._stored += 1

    async def _sweep(self, kind: Kind) -> list[dict[str, Any]]:
        match kind:
            case "load_balancer":
                return await self._session.pages("elbv2", "DescribeLoadBalancers", "LoadBalancers")
            case "target_group":
                return await self._session.pages("elbv2", "DescribeTargetGroups", "TargetGroups")
            case "security_group":
                return await self._groups()

    async def _groups(self) -> list[dict[str, Any]]:
        """One call for all cluster tags. Filters are AND-ed, so it asks for their keys; those of other clusters are left out here."""
        config = self._session.config
        place = [{"Name": "vpc-id", "Values": [config.vpc_id]}] if config.vpc_id else []
        keys = {"Name": "tag-key", "Values": list(tracking.CLUSTER_TAGS)}
        found = await self._session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=[*place, keys])
        ours = ((item, answer.tags(item)) for item in found)
        return [item for item, tags in ours if config.cluster_name in (tags.get(key) for key in tracking.CLUSTER_TAGS)]

    async def _refresh(self, kind: Kind, shelf: _Shelf) -> None:
        for key in sorted(shelf.dirty):
            if (at := shelf.dirty.pop(key, None)) is None:
                continue  # dropped meanwhile
            try:
                item = await self._one(kind, key)
            except BaseException:
                shelf.dirty.setdefault(key, at)
                raise
            if item is not None:
                shelf.items[key] = item
            else:
                shelf.items.pop(key, None)
                if self._session.clock.now() - at < LAG_SECONDS:
                    shelf.dirty.setdefault(key, at)  # it may be new, and this part of AWS does not know it yet
            self._stored += 1

    async def _one(self, kind: Kind, key: str) -> Item | None:
        session = self._session
        try:
            match kind:
                case "load_balancer":
                    found = await session.pages("elbv2", "DescribeLoadBalancers", "LoadBalancers", LoadBalancerArns=[key])
                case "target_group":
                    found = await session.pages("elbv2", "DescribeTargetGroups", "TargetGroups", TargetGroupArns=[key])
                case "security_group":
                    found = await session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", GroupIds=[key])
        except NotFound:
            return None
        return found[0] if found else None

    def _fresh(self, arn: str, trust: float) -> bool:
        kept, self._trusted = self._tags.get(arn), max(self._trusted, trust)
        return kept is not None and self._session.clock.now() - kept[0] < max(TAG_SECONDS, trust)

    async def _gather(self) -> None:
        await self._session.clock.sleep(LINGER)
        # Twice the time: a running request may still read an entry that has just expired.
        oldest = self._session.clock.now() - 2 * self._trusted
        self._tags = {arn: kept for arn, kept in self._tags.items() if kept[0] >= oldest}
        arns = sorted(arn for arn in self._wanted if not self._fresh(arn, 0.0))  # the call before may have read some of them
        self._wanted.clear()
        chunks = [arns[start : start + CHUNK] for start in range(0, len(arns), CHUNK)]
        await asyncio.gather(*(self._fetch(chunk) for chunk in chunks))

    async def _fetch(self, arns: list[str]) -> None:
        """One deleted ARN makes the whole call fail, so then each ARN has its own call."""
        try:
            found = await self._session.call("elbv2", "DescribeTags", ResourceArns=arns)
        except NotFound:
            if len(arns) == 1:
                self.retag(arns[0], {})
                return
            await asyncio.gather(*(self._fetch([arn]) for arn in arns))
            return
        for arn in arns:
            self.retag(arn, {})
        for item in found.get("TagDescriptions") or ():
            self.retag(item["ResourceArn"], answer.tags(item))


def _by_stack(rows: Iterable[Row]) -> Mapping[tuple[str, str], Sequence[Row]]:
    """The rows by their tags with a stack."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for key in STACKS:
            if stack := row[1].get(key):
                found.setdefault((key, stack), []).append(row)
    return found


def _key(kind: Kind, item: Item) -> str:
    return str(item[{"load_balancer": "LoadBalancerArn", "target_group": "TargetGroupArn", "security_group": "GroupId"}[kind]])
