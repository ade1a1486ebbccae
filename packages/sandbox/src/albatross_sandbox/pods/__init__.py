"""Workload controllers, scheduler, kubelet, VPC CNI and kube-proxy of the sandbox's cluster, in its API server's process.

A pod listens on the TCP and UDP ports of its containers, at its own loopback address. By default an echo server answers there,
with a JSON description of each request or datagram. Annotations of the pod, under `sandbox.albatross/`, change that:

    command       JSON argv of a process to run instead; it gets POD_IP, PORT, POD_NAME, POD_NAMESPACE, NODE_NAME and `env`
    port          a local port that every TCP container port is forwarded to; with `command`, the PORT that it gets
    health        `fail`: answer health checks with 503, from now until the annotation goes
    health-path   a path that counts as a health check, beside those of readiness probes and the requests of
                  ELB-HealthChecker and kube-probe
    tls           `true`: serve HTTPS on every port; ports named `https` do so always

A process that takes up another's cluster starts its pods anew, at the addresses they had; until they are what they were, or
for a while, nobody hears of it.

Containers of known images run as in a real cluster: see `pods.image`.

Not run: init containers (reported as completed), volumes, grpc probes beyond opening a connection, and workloads
other than Pods, ReplicaSets and Deployments.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from albatross_sandbox.pods import node
from albatross_sandbox.pods.address import Addresses
from albatross_sandbox.pods.cni import Cni
from albatross_sandbox.pods.deployment import Deployments
from albatross_sandbox.pods.endpoint import Endpoints
from albatross_sandbox.pods.image import Images
from albatross_sandbox.pods.kubelet import Kubelet
from albatross_sandbox.pods.loop import Loop
from albatross_sandbox.pods.pod import Host, over
from albatross_sandbox.pods.proxy import Proxy
from albatross_sandbox.pods.replicaset import ReplicaSets
from albatross_sandbox.pods.scheduler import Scheduler
from albatross_sandbox.pods.view import PODS, View

if TYPE_CHECKING:
    from albatross_sandbox.kube.cluster import Cluster


@asynccontextmanager
async def start(cluster: "Cluster", config: dict[str, Any]) -> AsyncIterator[None]:
    """Run the cluster's nodes and pods while the context is open.

    `config` is the API server's own: nodes [{name, private_ip, zone, instance_id, provider_id, eni_id}], region,
    aws_endpoint (None: no VPC CNI); images, state, pod_identity and metadata as `pods.image` uses them.
    The nodes exist when the context opens; `cluster.logs` then serves `kubectl logs`.
    """
    view = View(cluster)
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        cni, proxy, images = Cni(config, session), Proxy(view), Images(cluster, config, session)
        addresses = {entry["name"]: str(entry["private_ip"]) for entry in config["nodes"]}
        kubelet = Kubelet(Host(view, Addresses(config["nodes"], _held(cluster)), cni, session, addresses, images))
        controllers = (Endpoints(view), Scheduler(view), ReplicaSets(view), Deployments(view))
        loop = Loop(cluster, view, controllers, (kubelet, proxy))
        await node.register(view, config)
        cluster.logs = kubelet.logs
        tasks = [asyncio.create_task(run) for run in (loop.watch(), loop.work(), cni.run(), proxy.run())]
        try:
            yield
        finally:
            cluster.logs = None
            for task in tasks[:2]:
                task.cancel()
            await kubelet.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _held(cluster: "Cluster") -> list[str]:
    """The addresses of pods that ran when this process' predecessor ended."""
    pods = [pod for pod in cluster.list(PODS) if not over(pod) and not pod["spec"].get("hostNetwork")]
    return [ip for pod in pods if (ip := (pod.get("status") or {}).get("podIP"))]
