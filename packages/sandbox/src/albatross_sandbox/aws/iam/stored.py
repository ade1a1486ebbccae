"""The tags that resources carry, wherever they are kept."""

from collections.abc import Mapping
from typing import Any

from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.iam.asked import Tags
from albatross_sandbox.aws.store import Store


class Stored:
    """Looks up the tags of one account's resources."""

    def __init__(self, store: Store, cloud: Cloud) -> None:
        self._store = store
        self._cloud = cloud

    async def tags(self, arn: str) -> Tags:
        """The resource's tags; none where there is no such resource, or its tags are no condition's business."""
        fields = arn.split(":", 5)
        if len(fields) < 6 or fields[4] not in ("", self._store.account):
            return {}
        service, rest = fields[2], fields[5]
        if service == "elasticloadbalancing":
            return self._balancing(arn, rest.partition("/")[0])
        if service == "ec2":
            return await self._ec2(rest.rpartition("/")[2])
        return await self._acm(arn) if service == "acm" else {}

    def _balancing(self, arn: str, kind: str) -> Tags:
        store = self._store
        held: dict[str, Mapping[str, Any]] = {
            "loadbalancer": store.load_balancers,
            "targetgroup": store.target_groups,
            "listener": store.listeners,
            "listener-rule": store.rules,
            "truststore": store.trust_stores,
        }
        found = held.get(kind, {}).get(arn)
        return dict(found.tags) if found is not None else {}

    async def _ec2(self, resource: str) -> Tags:
        rows = (await self._cloud.ec2("DescribeTags", **{"Filter.1.Name": "resource-id", "Filter.1.Value.1": resource}))["tagSet"]
        return {row["key"]: row.get("value") or "" for row in rows or []}

    async def _acm(self, arn: str) -> Tags:
        try:
            rows = (await self._cloud.json("acm", "CertificateManager.ListTagsForCertificate", {"CertificateArn": arn}))["Tags"]
        except Fault:
            return {}
        return {row["Key"]: row.get("Value") or "" for row in rows}
