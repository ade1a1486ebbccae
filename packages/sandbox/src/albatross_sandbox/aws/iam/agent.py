"""The EKS Pod Identity agent: pods ask it for the credentials of the role that is associated with their service account."""

import uuid
from dataclasses import dataclass

from aiohttp import web

from albatross_sandbox.aws.eks import Clusters
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.iam import issuer
from albatross_sandbox.aws.iam.issuer import Claims, Subject
from albatross_sandbox.aws.iam.sts import Tokens

AUDIENCE = "pods.eks.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent of one cluster."""

    tokens: Tokens
    clusters: Clusters
    cluster: str

    def application(self) -> web.Application:
        """`GET /v1/credentials`, with a service account's token as the Authorization header."""
        application = web.Application()
        application.router.add_get("/v1/credentials", self._credentials)
        return application

    async def _credentials(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "")
        if not token:
            return _refused("Service account token cannot be empty", 400)
        try:
            claims = issuer.read(token)
        except ValueError as error:
            return _refused(f"Service account token cannot be parsed: token is malformed: {error}", 400)
        try:
            return web.json_response(await self._given(token, claims))
        except Fault as fault:
            return _refused(f"[{uuid.uuid4()}]: ({fault.code}): {fault.message}, fault: client", fault.status)

    async def _given(self, token: str, claims: Claims) -> dict[str, str]:
        subject = self._subject(token, claims)
        row = self.clusters.found(self.cluster, subject.namespace, subject.name)
        if row is None:
            raise Fault("ResourceNotFoundException", f"No association found for {subject.namespace}/{subject.name}", 404)
        cluster = self.clusters.held[self.cluster]
        tags = {
            "eks-cluster-arn": cluster["arn"],
            "eks-cluster-name": self.cluster,
            "kubernetes-namespace": subject.namespace,
            "kubernetes-service-account": subject.name,
            "kubernetes-pod-name": subject.pod,
            "kubernetes-pod-uid": claims["kubernetes.io"].get("pod", {}).get("uid", ""),
        }
        keys = await self.tokens.for_pod(row["roleArn"], subject, tags)
        told = keys.told(self.tokens.store.clock)
        return {
            "AccessKeyId": keys.access_key,
            "SecretAccessKey": keys.secret,
            "Token": keys.token,
            "AccountId": row["roleArn"].split(":")[4],
            "Expiration": told["Expiration"].isoformat().replace("+00:00", "Z"),
        }

    def _subject(self, token: str, claims: Claims) -> Subject:
        """The service account that a token is of; raises Fault for one that EKS does not accept."""
        if not self.tokens.issuer.verifies(token) or AUDIENCE not in issuer.audiences(claims):
            raise Fault("InvalidTokenException", "The token included in the request is invalid.")
        if self.tokens.store.clock.now() >= claims["exp"]:
            raise Fault("ExpiredTokenException", "The token included in the request is expired.")
        about = claims["kubernetes.io"]
        return Subject(about["namespace"], about["serviceaccount"]["name"], about.get("pod", {}).get("name", ""))


def _refused(text: str, status: int) -> web.Response:
    return web.Response(text=text + "\n", status=status)
