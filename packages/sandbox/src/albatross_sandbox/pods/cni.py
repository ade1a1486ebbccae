"""The VPC CNI's side of a pod address: EC2 must know it as a secondary address of the node's network interface."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import aiohttp
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LOG = logging.getLogger("albatross_sandbox.cni")
# A key of its own, so that the account's journal tells these calls from those of a controller.
KEY = Credentials("vpc-cni", "vpc-cni")
# Chosen: what one call carries; EC2 itself allows what the instance type holds.
BATCH = 40
# Seconds between attempts, for throttling and for an endpoint that is just restarting.
RETRIES = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0)


class Cni:
    """Assigns and unassigns addresses in batches, in order; without an endpoint it does nothing."""

    def __init__(self, config: dict[str, Any], session: aiohttp.ClientSession) -> None:
        self._endpoint: str | None = config.get("aws_endpoint")
        self._region: str = config.get("region") or "us-east-1"
        self._interfaces = {node["name"]: str(node.get("eni_id") or "") for node in config["nodes"]}
        self._session = session
        self._queue: list[tuple[str, str, str, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()

    def assign(self, node: str, address: str) -> asyncio.Future[None]:
        """Done when EC2 has the address, or when it has refused it (which is logged)."""
        return self._enqueue("AssignPrivateIpAddresses", node, address)

    def unassign(self, node: str, address: str) -> asyncio.Future[None]:
        """Done when EC2 has let the address go."""
        return self._enqueue("UnassignPrivateIpAddresses", node, address)

    def _enqueue(self, operation: str, node: str, address: str) -> asyncio.Future[None]:
        done = asyncio.get_running_loop().create_future()
        interface = self._interfaces.get(node)
        if self._endpoint and interface:
            self._queue.append((operation, interface, address, done))
            self._wake.set()
        else:
            done.set_result(None)
        return done

    async def run(self) -> None:
        """Send what is queued, for ever: neighbours in the queue of one operation and interface go in one call."""
        while True:
            await self._wake.wait()
            while self._queue:
                operation, interface = self._queue[0][:2]
                batch = [item for item in self._queue if item[:2] == (operation, interface)][:BATCH]
                self._queue = [item for item in self._queue if item not in batch]
                await self._send(operation, interface, [item[2] for item in batch])
                for item in batch:
                    if not item[3].done():
                        item[3].set_result(None)
            self._wake.clear()

    async def _send(self, operation: str, interface: str, addresses: Iterable[str]) -> None:
        parameters = {"Action": operation, "Version": "2016-11-15", "NetworkInterfaceId": interface}
        parameters |= {f"PrivateIpAddress.{index}": address for index, address in enumerate(addresses, 1)}
        error = ""
        for pause in (*RETRIES, None):
            error = await self._call(urlencode(parameters))
            if not error or pause is None:
                break
            await asyncio.sleep(pause)
        if error:
            LOG.warning("%s on %s failed: %s", operation, interface, error)

    async def _call(self, body: str) -> str:
        """One signed call; empty when it succeeded, else what went wrong."""
        request = AWSRequest("POST", f"{self._endpoint}/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        request.headers["User-Agent"] = "amazon-vpc-cni-k8s"
        SigV4Auth(KEY, "ec2", self._region).add_auth(request)
        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with self._session.post(request.url, data=body, headers=dict(request.headers), timeout=timeout) as answer:
                return "" if answer.status == 200 else f"{answer.status} {(await answer.text())[:500]}"
        except (OSError, aiohttp.ClientError, TimeoutError) as error:
            return str(error) or type(error).__name__
