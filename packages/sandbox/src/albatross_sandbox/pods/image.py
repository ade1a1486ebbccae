"""Containers of known images: the command of an image, and what a cluster gives to its pods.

The configuration's `images` maps the name of an image, without registry and tag, to {argv, env}: what it runs before the
container's `args`, and variables of its own. `$(NAME)` in either is a variable of the container. As in a real pod there are

    the API server's address, and the account's token, CA and namespace in the folder $(SANDBOX_ACCOUNT)
    the AWS identity that EKS would give: IRSA by the account's annotation, else Pod Identity, else the node's metadata
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from albatross_sandbox.kube.identity import Tokens
from albatross_sandbox.pods.log import Log
from albatross_sandbox.pods.objects import Object, name, namespace, uid
from albatross_sandbox.pods.process import Process

if TYPE_CHECKING:
    from albatross_sandbox.kube.cluster import Cluster

ROLE = "eks.amazonaws.com/role-arn"
# Seconds that a projected token is valid in a real pod.
VALID = 86_400
_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


@dataclass(frozen=True, slots=True)
class Images:
    """The known images of one cluster."""

    cluster: "Cluster"
    config: Mapping[str, Any]
    session: aiohttp.ClientSession

    def find(self, image: str) -> Mapping[str, Any] | None:
        """The entry of an image, whatever its registry and tag."""
        short = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        found: Mapping[str, Any] | None = (self.config.get("images") or {}).get(short)
        return found

    def run(self, pod: Object, spec: Object, env: dict[str, str], log: Log) -> Process | None:
        """What a container of a known image runs; None for other images."""
        entry = self.find(str(spec.get("image") or ""))
        return None if entry is None else Prepared(lambda: self._prepare(entry, pod, spec, env), log)

    async def _prepare(self, entry: Mapping[str, Any], pod: Object, spec: Object, env: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        account = self._account(pod)
        found = {**self._cluster(pod, account), **await self._aws(pod, account), **env}
        own = {key: expanded(value, found) for key, value in (entry.get("env") or {}).items()}
        found = {**own, **found}
        return [expanded(word, found) for word in (*entry["argv"], *(spec.get("args") or ()))], found

    def _account(self, pod: Object) -> Object:
        called = pod["spec"].get("serviceAccountName") or "default"
        found = self.cluster.get("serviceaccounts", namespace(pod), called)
        if found is None:
            raise OSError(f'serviceaccount "{called}" not found')
        return found

    def _folder(self, pod: Object) -> Path:
        folder = Path(self.config["state"]) / "pods" / uid(pod)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _cluster(self, pod: Object, account: Object) -> dict[str, str]:
        folder = self._folder(pod)
        token = Tokens(self.cluster.store).issue(namespace(pod), name(account), uid(account))
        trust = self.cluster.get("configmaps", namespace(pod), "kube-root-ca.crt") or {"data": {"ca.crt": ""}}
        for file, text in (("token", token), ("namespace", namespace(pod)), ("ca.crt", trust["data"]["ca.crt"])):
            (folder / file).write_text(text)
        at = urlsplit(self.cluster.server)
        return {
            "KUBERNETES_SERVICE_HOST": at.hostname or "",
            "KUBERNETES_SERVICE_PORT": str(at.port or 443),
            "SANDBOX_ACCOUNT": str(folder),
        }

    async def _aws(self, pod: Object, account: Object) -> dict[str, str]:
        endpoint = self.config.get("aws_endpoint")
        if not endpoint:
            return {}
        metadata = (self.config.get("metadata") or {}).get(pod["spec"].get("nodeName")) or {}
        found = {"AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.get("pod", "")}
        role = (account["metadata"].get("annotations") or {}).get(ROLE)
        if role:
            file = await self._token(pod, account, "sts.amazonaws.com")
            return {**found, "AWS_ROLE_ARN": role, "AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_REGION": self.config["region"]}
        agent = self.config.get("pod_identity")
        file = await self._token(pod, account, "pods.eks.amazonaws.com")
        if agent and await self._associated(agent, file.read_text()):
            uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": agent, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)}
            return {**found, **uri, "AWS_REGION": self.config["region"]}
        return found

    async def _token(self, pod: Object, account: Object, audience: str) -> Path:
        asked = {"namespace": namespace(pod), "service_account": name(account), "audience": audience, "pod": name(pod), "seconds": VALID}
        async with self.session.post(f"{self.config['aws_endpoint']}/_sandbox/token", json=asked) as answer:
            token = (await answer.json())["token"]
        file = self._folder(pod) / "aws-token"
        file.write_text(token)
        return file

    async def _associated(self, agent: str, token: str) -> bool:
        async with self.session.get(agent, headers={"Authorization": token}) as answer:
            # EKS gives the variables to all pods with an association; whether its role can be assumed, the pod finds out itself.
            return answer.status != 404


class Prepared(Process):
    """A process with a command and variables that are known only when it starts."""

    def __init__(self, prepare: Callable[[], Awaitable[tuple[list[str], dict[str, str]]]], log: Log) -> None:
        super().__init__((), {}, log)
        self._prepare = prepare

    async def start(self) -> None:
        """Start it; raises OSError when it cannot be."""
        try:
            self._argv, self._env = await self._prepare()
        except (aiohttp.ClientError, ValueError, KeyError) as error:
            raise OSError(f"its environment cannot be made: {error}") from error
        await super().start()

    def _environment(self) -> dict[str, str]:
        """Without the credentials of the sandbox itself: a pod has only its own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_") and key != "KUBECONFIG"}
        return {**kept, **self._env}


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """A text with the values of the variables that it names as `$(NAME)`; unknown ones stay as they are."""
    return _REFERENCE.sub(lambda found: variables.get(found[1], found[0]), text)
