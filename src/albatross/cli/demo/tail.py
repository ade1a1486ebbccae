"""Follows the log of a controller's pod (JSON lines)."""

import json
from collections.abc import AsyncIterator
from typing import Any

from albatross.install.installation import NAMESPACE
from albatross.kube.client import Client, Request


async def events(client: Client, pod: str) -> AsyncIterator[dict[str, Any]]:
    """Every event, from the first one; without an end."""
    request = Request(method="GET", path=f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/log", params={"follow": "true"})
    async with client.open(request) as answer:
        async for line in answer.content:
            if found := _event(line):
                yield found


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
