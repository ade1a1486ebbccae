"""What this process may do in the cluster, and who it is there: reviews, which everybody may ask for."""

import base64
import binascii
import json

import structlog

from albatross.catalog.rbac import Grant
from albatross.kube.client import Client
from albatross.kube.errors import KubeError

log = structlog.get_logger("access")

ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
SELF = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def allowed(client: Client, access: Grant) -> bool:
    """Whether the cluster allows one verb for one resource. True if the cluster does not answer the question."""
    resource, _, subresource = access.resource.partition("/")
    asked = {"verb": access.verb, "group": access.group, "resource": resource, "subresource": subresource}
    where = {"namespace": access.namespace, "name": access.name}
    attributes = {name: text for name, text in {**asked, **where}.items() if text}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
    try:
        return bool((await client.create(ACCESS, body))["status"]["allowed"])
    except KubeError as error:
        log.info("access not known", access=f"{access.verb} {access.target}", error=str(error))
        return True


async def username(client: Client) -> str:
    """The name of the user in the cluster; `system:serviceaccount:NAMESPACE:NAME` in a pod. Empty if it is not known.

    The token of a ServiceAccount contains the name. Otherwise the cluster says it (Kubernetes 1.28 and later).
    """
    if subject := claimed(await client.access.token.get()):
        return subject
    try:
        found = await client.create(SELF, {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
    except KubeError:
        return ""
    return str(((found.get("status") or {}).get("userInfo") or {}).get("username") or "")


def claimed(token: str) -> str:
    """The ServiceAccount in the claims of a token; empty for any other token. The signature is not checked."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        subject = str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return ""
    return subject if subject.startswith("system:serviceaccount:") else ""
