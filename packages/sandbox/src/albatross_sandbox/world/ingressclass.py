"""The IngressClass `alb`, put into a new cluster over its API as any client would."""

import base64
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from albatross_sandbox.world.state import Trouble

CLASS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "alb"},
    "spec": {"controller": "ingress.k8s.aws/alb"},
}


async def apply(kubeconfig: str) -> None:
    """Create the class unless it is there; raises Trouble when the cluster refuses."""
    server, context, headers = access(kubeconfig)
    url = f"{server}/apis/networking.k8s.io/v1/ingressclasses"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=CLASS, ssl=context) as answer:
        if answer.status not in (201, 409):
            raise Trouble(f"the cluster refused the IngressClass alb: {answer.status} {(await answer.text())[:300]}")


def access(kubeconfig: str) -> tuple[str, ssl.SSLContext, dict[str, str]]:
    """The server, how to trust it and how to be trusted, from a kubeconfig of one cluster and one user."""
    config: dict[str, Any] = yaml.safe_load(Path(kubeconfig).read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context()
    if "certificate-authority-data" in cluster:
        context.load_verify_locations(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    elif "certificate-authority" in cluster:
        context.load_verify_locations(cluster["certificate-authority"])
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    return cluster["server"].rstrip("/"), context, headers
