"""Changes records of a hosted zone."""

from collections.abc import Iterable, Iterator

from albatross.aws.read import zone
from albatross.aws.session.client import Session
from albatross.aws.wire import record as wire
from albatross.catalog import heritage
from albatross.model.plan import ChangeRecords
from albatross.model.resources.record import Record

MOST = 900
"""Changes in one call. Route 53 allows 1,000: "Quotas", ChangeResourceRecordSets."""


async def change(session: Session, wish: ChangeRecords) -> None:
    """Make all changes in one call, or all of them in none; a very large change needs several calls, each with whole names."""
    try:
        for batch in batches(wish):
            await session.call("route53", "ChangeResourceRecordSets", HostedZoneId=wish.zone, ChangeBatch={"Changes": batch})
    finally:
        zone.forget(session, wish.zone)


def batches(wish: ChangeRecords) -> Iterator[list[dict[str, object]]]:
    """The changes, deletions first; a record and its ownership record are in the same batch."""
    changes = [("DELETE", each.resource) for each in wish.deletes] + [("CREATE", each) for each in wish.creates]
    batch: list[tuple[str, Record]] = []
    for group in _groups(changes):
        if batch and len(batch) + len(group) > MOST:
            yield _written(batch)
            batch = []
        batch += group
    yield _written(batch)


def _groups(changes: Iterable[tuple[str, Record]]) -> Iterable[list[tuple[str, Record]]]:
    """The changes by the name of the ownership record."""
    listed = list(changes)
    texts = {record.name for _, record in listed if record.type == "TXT"}
    found: dict[str, list[tuple[str, Record]]] = {}
    for action, record in listed:
        name = record.name if record.type == "TXT" else heritage.name(record.name, record.type, "")
        if name not in texts:  # the record has the name of its zone
            name = heritage.name(record.name, record.type, record.name)
        found.setdefault(name, []).append((action, record))
    return found.values()


def _written(batch: list[tuple[str, Record]]) -> list[dict[str, object]]:
    # Within a batch, Route 53 makes the changes in order: the old form of a record is deleted before the new one is created.
    return [wire.change(action, record) for action, record in sorted(batch, key=lambda each: each[0] != "DELETE")]
