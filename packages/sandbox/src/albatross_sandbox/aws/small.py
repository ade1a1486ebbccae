"""Small services of our own: Shield, WAF Classic, the tagging API, and STS's GetCallerIdentity; EKS is beside."""

import uuid
from collections.abc import Callable
from typing import Any

import orjson

from albatross_sandbox.aws import tag
from albatross_sandbox.aws.call import Call
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.eks import Clusters
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.iam.caller import Caller
from albatross_sandbox.aws.store import Store

Answer = dict[str, Any]


class Small:
    """State and operations of the small services."""

    def __init__(self, store: Store, cloud: Cloud) -> None:
        self._store = store
        self._cloud = cloud
        self.subscription = "INACTIVE"
        self.eks = Clusters(store)
        self.protections: dict[str, Answer] = {}
        self.web_acls: dict[str, Answer] = {}
        self.associations: dict[str, str] = {}
        self._operations: dict[tuple[str, str], Callable[[Answer], Answer]] = {
            ("shield", "GetSubscriptionState"): lambda _: {"SubscriptionState": self.subscription},
            ("shield", "CreateProtection"): self._protect,
            ("shield", "DescribeProtection"): self._describe_protection,
            ("shield", "DeleteProtection"): self._unprotect,
            ("shield", "ListProtections"): lambda _: {"Protections": list(self.protections.values())},
            ("waf-regional", "GetWebACLForResource"): self._web_acl_of,
            ("waf-regional", "AssociateWebACL"): self._associate,
            ("waf-regional", "DisassociateWebACL"): self._disassociate,
            ("waf-regional", "ListWebACLs"): lambda _: {"WebACLs": list(self.web_acls.values())},
            ("waf-regional", "GetWebACL"): self._web_acl,
            ("resourcegroupstaggingapi", "GetResources"): self._resources,
        }

    def has(self, call: Call) -> bool:
        """Whether the call is one of ours."""
        if call.service == "eks":
            return self.eks.has(call.operation)
        return (call.service, call.operation) in self._operations or (call.service, call.operation) == ("sts", "GetCallerIdentity")

    async def serve(self, call: Call, who: Caller, request_id: str) -> tuple[str, str]:
        """Content type and text of the answer; raises Fault."""
        if call.service == "sts":
            return "text/xml", _identity(who, request_id)
        if call.service == "eks":
            return "application/json", orjson.dumps(self.eks.serve(call)).decode()
        answer = self._operations[call.service, call.operation](call.json())
        return "application/x-amz-json-1.1", orjson.dumps(answer).decode()

    def _protect(self, request: Answer) -> Answer:
        arn = request.get("ResourceArn", "")
        if self.subscription != "ACTIVE":
            raise Fault("ResourceNotFoundException", "The subscription does not exist.")
        if any(row["ResourceArn"] == arn for row in self.protections.values()):
            raise Fault("ResourceAlreadyExistsException", "The referenced protection already exists.")
        number = str(uuid.uuid4())
        made = f"arn:{self._store.partition}:shield::{self._store.account}:protection/{number}"
        self.protections[number] = {"Id": number, "Name": request.get("Name", ""), "ResourceArn": arn, "ProtectionArn": made}
        return {"ProtectionId": number}

    def _describe_protection(self, request: Answer) -> Answer:
        for row in self.protections.values():
            if request.get("ProtectionId") == row["Id"] or request.get("ResourceArn") == row["ResourceArn"]:
                return {"Protection": row}
        raise Fault("ResourceNotFoundException", "The referenced protection does not exist.")

    def _unprotect(self, request: Answer) -> Answer:
        if self.protections.pop(request.get("ProtectionId", ""), None) is None:
            raise Fault("ResourceNotFoundException", "The referenced protection does not exist.")
        return {}

    def _web_acl_of(self, request: Answer) -> Answer:
        found = self.associations.get(request.get("ResourceArn", ""))
        return {"WebACLSummary": self.web_acls[found]} if found else {}

    def _web_acl(self, request: Answer) -> Answer:
        found = self.web_acls.get(request.get("WebACLId", ""))
        if found is None:
            raise Fault("WAFNonexistentItemException", "The referenced item does not exist.")
        return {"WebACL": {**found, "DefaultAction": {"Type": "ALLOW"}, "Rules": []}}

    def _associate(self, request: Answer) -> Answer:
        self._web_acl(request)
        self._store.load_balancer(request.get("ResourceArn", ""))
        self.associations[request["ResourceArn"]] = request["WebACLId"]
        return {}

    def _disassociate(self, request: Answer) -> Answer:
        self.associations.pop(request.get("ResourceArn", ""), None)
        return {}

    def _resources(self, request: Answer) -> Answer:
        """GetResources over ELBv2; paged by PaginationToken."""
        kinds = request.get("ResourceTypeFilters") or ["elasticloadbalancing"]
        asked = set(request.get("ResourceARNList") or [])
        rows = [
            {"ResourceARN": arn, "Tags": tag.rows(tags)}
            for arn, tags in self._tagged(kinds)
            if tags and (not asked or arn in asked) and all(_matches(tags, row) for row in request.get("TagFilters") or [])
        ]
        start, size = int(request.get("PaginationToken") or 0), int(request.get("ResourcesPerPage") or 50)
        more = str(start + size) if start + size < len(rows) else ""
        return {"ResourceTagMappingList": rows[start : start + size], "PaginationToken": more}

    def _tagged(self, kinds: list[str]) -> list[tuple[str, dict[str, str]]]:
        store = self._store
        held = {
            "loadbalancer": {arn: lb.tags for arn, lb in store.load_balancers.items()},
            "targetgroup": {arn: group.tags for arn, group in store.target_groups.items()},
            "listener": {arn: listener.tags for arn, listener in store.listeners.items()},
            "listener-rule": {arn: rule.tags for arn, rule in store.rules.items()},
        }
        out: list[tuple[str, dict[str, str]]] = []
        for kind in kinds:
            service, _, resource = kind.partition(":")
            if service == "elasticloadbalancing":
                for name, table in held.items():
                    if resource in ("", name) or name == f"loadbalancer/{resource}":
                        out += table.items()
        return out


def _matches(tags: dict[str, str], row: Answer) -> bool:
    value = tags.get(row["Key"])
    return value is not None and (not row.get("Values") or value in row["Values"])


def _identity(who: Caller, request_id: str) -> str:
    number = who.number or "AIDA" + uuid.uuid5(uuid.NAMESPACE_URL, who.arn).hex[:17].upper()
    result = f"<Arn>{who.arn}</Arn><UserId>{number}</UserId><Account>{who.account}</Account>"
    return (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult>"
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
