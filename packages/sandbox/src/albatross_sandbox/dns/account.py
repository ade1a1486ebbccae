"""The hosted zones of an emulated account, read at each question."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, Self

from aiobotocore.session import get_session
from botocore.exceptions import ClientError

from albatross_sandbox.dns.answer import Zone, plain


class Zones:
    """The hosted zones that a VPC sees: every public one, and the private ones associated with it."""

    def __init__(self, options: dict[str, Any], mark: Any, vpc_id: str) -> None:
        self._options, self._mark, self._vpc = options, mark, vpc_id
        self._stack = AsyncExitStack()
        self._client: Any = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def read(self) -> tuple[Zone, ...]:
        """All of them, with their record sets."""
        client = await self._opened()
        listed = [row async for page in client.get_paginator("list_hosted_zones").paginate() for row in page["HostedZones"]]
        seen = await self._private(client) if any(row["Config"]["PrivateZone"] for row in listed) else frozenset()
        rows = [row for row in listed if not row["Config"]["PrivateZone"] or row["Id"].rpartition("/")[2] in seen]
        found = await asyncio.gather(*(self._zone(client, row) for row in rows))
        return tuple(each for each in found if each)

    async def _opened(self) -> Any:
        """The client, made at the first question: most worlds are never asked."""
        async with self._lock:
            if self._client is None:
                self._client = await self._stack.enter_async_context(get_session().create_client("route53", **self._options))
                self._client.meta.events.register("before-sign", self._mark)
        return self._client

    async def _private(self, client: Any) -> frozenset[str]:
        found = await client.list_hosted_zones_by_vpc(VPCId=self._vpc, VPCRegion=self._options["region_name"])
        return frozenset(row["HostedZoneId"] for row in found["HostedZoneSummaries"])

    async def _zone(self, client: Any, row: dict[str, Any]) -> Zone | None:
        pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=row["Id"])
        try:
            sets = tuple([each async for page in pages for each in page["ResourceRecordSets"]])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchHostedZone":  # deleted after the list was read
                return None
            raise
        return Zone(row["Id"].rpartition("/")[2], plain(row["Name"]), bool(row["Config"]["PrivateZone"]), sets)
