"""EKS, as far as credentials go: the world's cluster, and its Pod Identity associations."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from albatross_sandbox.aws.call import Call
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.iam import asked
from albatross_sandbox.aws.store import Store

Answer = dict[str, Any]
_SHORT = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")


class Clusters:
    """Clusters by name, and which role each of their service accounts is given."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.held: dict[str, Answer] = {}
        self.associations: dict[str, Answer] = {}
        self._operations: Mapping[str, Callable[[Answer], Answer]] = {
            "ListClusters": lambda _: {"clusters": sorted(self.held)},
            "DescribeCluster": lambda request: {"cluster": self._cluster(request["name"])},
            "CreatePodIdentityAssociation": self._associate,
            "ListPodIdentityAssociations": self._list,
            "DescribePodIdentityAssociation": lambda request: {"association": self._association(request)},
            "UpdatePodIdentityAssociation": self._update,
            "DeletePodIdentityAssociation": self._dissociate,
        }

    def has(self, operation: str) -> bool:
        """Whether the operation is served."""
        return operation in self._operations

    def serve(self, call: Call) -> Answer:
        """The answer of a call; raises Fault."""
        query = dict(parse_qsl(call.path.partition("?")[2]))
        return self._operations[call.operation]({**query, **asked.path(call), **call.json()})

    def found(self, cluster: str, namespace: str, service_account: str) -> Answer | None:
        """The association of a service account."""
        wanted = (cluster, namespace, service_account)
        rows = self.associations.values()
        return next((row for row in rows if (row["clusterName"], row["namespace"], row["serviceAccount"]) == wanted), None)

    def _cluster(self, name: str) -> Answer:
        if name not in self.held:
            raise Fault("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
        return self.held[name]

    def _associate(self, request: Answer) -> Answer:
        cluster = self._cluster(request["clusterName"])
        if missing := [name for name in ("namespace", "serviceAccount", "roleArn") if not request.get(name)]:
            raise invalid(f"{missing[0]} must not be empty")
        if other := self.found(cluster["name"], request["namespace"], request["serviceAccount"]):
            raise Fault("ResourceInUseException", f"Association already exists: {other['associationId']}", 409)
        number, now = f"a-{uuid.uuid4().hex[:17]}", self._store.clock.now()
        place = f"arn:{self._store.partition}:eks:{self._store.region}:{self._store.account}"
        made = {name: request[name] for name in ("clusterName", "namespace", "serviceAccount", "roleArn")}
        arn = f"{place}:podidentityassociation/{cluster['name']}/{number}"
        about = {"associationArn": arn, "associationId": number, "tags": request.get("tags") or {}, "createdAt": now, "modifiedAt": now}
        self.associations[number] = {**made, **about}
        return {"association": self.associations[number]}

    def _list(self, request: Answer) -> Answer:
        self._cluster(request["clusterName"])
        asked_for = {name: request[name] for name in ("clusterName", "namespace", "serviceAccount") if request.get(name)}
        rows = [row for row in self.associations.values() if all(row[name] == value for name, value in asked_for.items())]
        return {"associations": [{name: row[name] for name in _SHORT} for row in rows]}

    def _association(self, request: Answer) -> Answer:
        row = self.associations.get(request["associationId"])
        if row is None or row["clusterName"] != request["clusterName"]:
            raise Fault("ResourceNotFoundException", f"Association with id {request['associationId']} is not found", 404)
        return row

    def _update(self, request: Answer) -> Answer:
        row = self._association(request)
        row.update(roleArn=request.get("roleArn") or row["roleArn"], modifiedAt=self._store.clock.now())
        return {"association": row}

    def _dissociate(self, request: Answer) -> Answer:
        row = self._association(request)
        return {"association": self.associations.pop(row["associationId"])}
