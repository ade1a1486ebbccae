"""Workload controllers, scheduler, kubelet, VPC CNI and kube-proxy of the sandbox's cluster, in its API server's process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def start(cluster: Any, config: dict[str, Any]) -> AsyncIterator[None]:
    """Run the cluster's nodes and pods while the context is open."""
    yield
