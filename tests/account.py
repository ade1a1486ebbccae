"""A ServiceAccount in a sandbox with the roles of an installation, and a kubeconfig with its token: what the controller is in a pod."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from albatross.catalog import rbac
from albatross.install.rbac import objects
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross.kube.errors import KubeConflict

NAMESPACE = "kube-system"
USED = rbac.FEATURES - {"secrets"}
"""Features that a controller with default settings uses: it creates the custom resource definitions too."""
PLURALS = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "Role": "roles",
    "RoleBinding": "rolebindings",
}

Object = dict[str, Any]


def path(obj: Object) -> str:
    """The collection of a role or binding."""
    space = obj["metadata"].get("namespace")
    return f"/apis/{obj['apiVersion']}{f'/namespaces/{space}' if space else ''}/{PLURALS[obj['kind']]}"


async def made(client: Client, name: str, features: Iterable[rbac.Feature] = USED, annotations: dict[str, str] | None = None) -> None:
    """Create the ServiceAccount in kube-system, and bind it to exactly the rules of these features; `name` is its Lease's name too."""
    metadata = {"name": name, "annotations": annotations or {}}
    await client.create(
        f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    )
    await grant(client, *objects(NAMESPACE, name, features, name=name, lease=name))


async def grant(client: Client, *found: Object) -> None:
    """Create roles and bindings, or change their rules."""
    for obj in found:
        try:
            await client.create(path(obj), obj)
        except KubeConflict:
            await client.patch(f"{path(obj)}/{obj['metadata']['name']}", obj)


async def kubeconfig(client: Client, name: str, file: Path) -> str:
    """A kubeconfig for the ServiceAccount, at this path."""
    answer = await client.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{name}/token", {})
    cluster = {"server": client.access.server, "certificate-authority-data": _ca(client)}
    context = {"cluster": "sandbox", "user": name, "namespace": NAMESPACE}
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": "sandbox", "cluster": cluster}],
        "users": [{"name": name, "user": {"token": answer["status"]["token"]}}],
        "contexts": [{"name": name, "context": context}],
    }
    file.write_text(json.dumps(body))
    return str(file)


async def seat(admin: str, name: str, folder: Path) -> str:
    """The kubeconfig of a new ServiceAccount with exactly the rules of an installation; `admin` is one that may do everything."""
    async with Client(load(admin)) as client:
        await made(client, name)
        return await kubeconfig(client, name, folder / "kubeconfig")


def _ca(client: Client) -> str:
    material = client.access.ca
    return base64.b64encode(material.data or Path(material.path).read_bytes()).decode()
