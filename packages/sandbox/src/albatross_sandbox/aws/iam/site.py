"""Where credentials are had, each on a loopback port of its own: the issuer, the Pod Identity agent, and each node's metadata."""

import ssl
from pathlib import Path
from typing import Any

from aiohttp import web

from albatross_sandbox.aws.front import Endpoint
from albatross_sandbox.aws.iam import issuer
from albatross_sandbox.aws.iam.agent import Agent
from albatross_sandbox.aws.iam.metadata import Metadata

_HOST = "127.0.0.1"


class Sites:
    """Opens them all; whoever opens them closes them."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._runners: list[web.AppRunner] = []

    async def open(self, cluster: str, nodes: list[dict[str, Any]], state: Path) -> dict[str, Any]:
        """What the ready line says of them; of a node, where its own processes ask and where its pods do."""
        endpoint = self._endpoint
        published = endpoint.tokens.issuer
        context = issuer.secured(endpoint.passage.keyring.authority, _HOST, state)
        published.url = await self._serve(published.application(), context) + published.path
        agent = Agent(endpoint.tokens, endpoint.small.eks, cluster)
        return {
            "oidc_issuer": published.url,
            "pod_identity": await self._serve(agent.application()) + "/v1/credentials",
            "metadata": {node["name"]: await self._node(node["instance_id"]) for node in nodes},
        }

    async def _node(self, instance: str) -> dict[str, str]:
        at = self._endpoint
        found = {name: Metadata(instance, at.cloud, at.directory, at.tokens, hops) for name, hops in (("host", 1), ("pod", 2))}
        return {name: await self._serve(each.application()) for name, each in found.items()}

    async def _serve(self, application: web.Application, context: ssl.SSLContext | None = None) -> str:
        runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, _HOST, 0, ssl_context=context).start()
        return f"{'https' if context else 'http'}://{_HOST}:{runner.addresses[0][1]}"

    async def close(self) -> None:
        """Close every one."""
        for runner in self._runners:
            await runner.cleanup()
