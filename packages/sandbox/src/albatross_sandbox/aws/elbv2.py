"""ELBv2's operations: which function serves which."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from albatross_sandbox.aws import (
    account,
    attribute,
    capacity,
    listener,
    load_balancer,
    protocol,
    rule,
    ssl_policy,
    tag,
    target,
    target_group,
    trust_store,
)
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import unimplemented
from albatross_sandbox.aws.probe import Prober
from albatross_sandbox.aws.store import Request, Result, Store

Plain = Callable[[Store, Request], Result]

# Operations that look at the store only.
_PLAIN: Mapping[str, Plain] = {
    "AddTags": tag.add,
    "AddTrustStoreRevocations": trust_store.add_revocations,
    "CreateRule": rule.create,
    "DeleteListener": listener.delete,
    "DeleteLoadBalancer": load_balancer.delete,
    "DeleteRule": rule.delete,
    "DeleteTargetGroup": target_group.delete,
    "DeleteTrustStore": trust_store.delete,
    "DeregisterTargets": target.deregister,
    "DescribeAccountLimits": account.describe,
    "DescribeCapacityReservation": capacity.describe,
    "DescribeListenerAttributes": attribute.describe_listener,
    "DescribeListenerCertificates": listener.describe_certificates,
    "DescribeListeners": listener.describe,
    "DescribeLoadBalancerAttributes": attribute.describe_load_balancer,
    "DescribeLoadBalancers": load_balancer.describe,
    "DescribeRules": rule.describe,
    "DescribeSSLPolicies": ssl_policy.describe,
    "DescribeTags": tag.describe,
    "DescribeTargetGroupAttributes": attribute.describe_target_group,
    "DescribeTargetGroups": target_group.describe,
    "DescribeTargetHealth": target.describe_health,
    "DescribeTrustStoreAssociations": trust_store.associations,
    "DescribeTrustStoreRevocations": trust_store.describe_revocations,
    "DescribeTrustStores": trust_store.describe,
    "GetTrustStoreCaCertificatesBundle": trust_store.location,
    "ModifyCapacityReservation": capacity.modify,
    "ModifyIpPools": load_balancer.modify_ip_pools,
    "ModifyListenerAttributes": attribute.modify_listener,
    "ModifyLoadBalancerAttributes": attribute.modify_load_balancer,
    "ModifyRule": rule.modify,
    "ModifyTargetGroup": target_group.modify,
    "ModifyTargetGroupAttributes": attribute.modify_target_group,
    "RemoveListenerCertificates": listener.remove_certificates,
    "RemoveTags": tag.remove,
    "RemoveTrustStoreRevocations": trust_store.remove_revocations,
    "SetRulePriorities": rule.set_priorities,
}
# Operations that must look at EC2 or ACM too.
_LOOKING: Mapping[str, Callable[..., Any]] = {
    "AddListenerCertificates": listener.add_certificates,
    "CreateListener": listener.create,
    "CreateLoadBalancer": load_balancer.create,
    "CreateTargetGroup": target_group.create,
    "CreateTrustStore": trust_store.create,
    "ModifyListener": listener.modify,
    "ModifyTrustStore": trust_store.modify,
    "RegisterTargets": target.register,
    "SetIpAddressType": load_balancer.set_ip_address_type,
    "SetSecurityGroups": load_balancer.set_security_groups,
    "SetSubnets": load_balancer.set_subnets,
}
SERVED = frozenset({*_PLAIN, *_LOOKING})


class Balancing:
    """The ELBv2 service over one store."""

    def __init__(self, store: Store, cloud: Cloud) -> None:
        self.store = store
        self._cloud = cloud
        self.prober = Prober(store, cloud)

    async def serve(self, operation: str, form: Mapping[str, str], request_id: str) -> str:
        """The XML answer of a call; raises Fault."""
        if operation not in SERVED:
            raise unimplemented("elbv2", operation, "query")
        request = protocol.parse("elbv2", operation, form)
        result = await self._run(operation, request)
        if operation == "RegisterTargets":
            self.prober.follow(self.store.target_group(request["TargetGroupArn"]))
        return protocol.render("elbv2", operation, result, request_id)

    async def _run(self, operation: str, request: Request) -> Result:
        if operation in _PLAIN:
            return _PLAIN[operation](self.store, request)
        answer = _LOOKING[operation](self.store, self._cloud, request)
        result: Result = await answer if inspect.isawaitable(answer) else answer
        return result
