"""A Service `shop/net`, and what it becomes."""

import json
from dataclasses import replace
from typing import Any

from tests.world import CONFIG, Result, compiled, recorded

from albatross.model.resources.listener import Listener
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup

CERTIFICATE = "arn:aws:acm:ap-northeast-2:123456789012:certificate/ddb02d7d-ff7e-44c5-b28d-c2b0e94a8a2e"
TCP: dict[str, Any] = {"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}
DNS: dict[str, Any] = {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 8053, "nodePort": 30053}
DNS_TCP: dict[str, Any] = {**DNS, "name": "dns-tcp", "protocol": "TCP", "nodePort": 30054}


def service(*ports: dict[str, Any], spec: Any = None, meta: Any = None, **annotations: str) -> str:
    """A patch; annotations without `aws-load-balancer-` (`__` in their names means `.`), or with their whole name after `full_`."""
    own = {}
    for key, text in annotations.items():
        name = key.removeprefix("full_").replace("__", ".").replace("_", "-")
        own["service.beta.kubernetes.io/" + ("" if key.startswith("full_") else "aws-load-balancer-") + name] = text
    body = {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb", "ports": list(ports or (TCP,)), **(spec or {})}
    return json.dumps({"kind": "Service", "metadata": {"name": "net", "annotations": own, **(meta or {})}, "spec": body})


def stack(*ports: dict[str, Any], recording: Any = None, gates: Any = None, **given: Any) -> Stack:
    found = built(*ports, recording=recording, gates=gates, **given)
    made = found.stacks["shop/net"]
    assert made is not None, found.codes
    return made


def built(*ports: dict[str, Any], recording: Any = None, gates: Any = None, **given: Any) -> Result:
    more = {} if recording is None else {"recording": recording}
    return compiled(service(*ports, **given), config=replace(CONFIG, gates=gates or {}), **more)


def codes(*ports: dict[str, Any], **given: Any) -> list[str]:
    return built(*ports, **given).codes


def only(found: Stack) -> tuple[Listener, TargetGroup]:
    (listener,), (group,) = found.listeners, found.target_groups
    return listener, group


SIX = """ec2.DescribeSubnets:
- {SubnetId: subnet-6a, VpcId: vpc-bb5e6cc5b903172e8, AvailabilityZone: ap-northeast-2a, AvailabilityZoneId: apne2-az1,
   CidrBlock: 10.0.0.0/24, AvailableIpAddressCount: 100, Tags: [{Key: kubernetes.io/role/internal-elb, Value: ''}],
   Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: '2001:db8:a::/64', Ipv6CidrBlockState: {State: associated}}]}
- {SubnetId: subnet-6b, VpcId: vpc-bb5e6cc5b903172e8, AvailabilityZone: ap-northeast-2b, AvailabilityZoneId: apne2-az2,
   CidrBlock: 10.0.1.0/24, AvailableIpAddressCount: 100, Tags: [{Key: kubernetes.io/role/internal-elb, Value: ''}],
   Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: '2001:db8:b::/64', Ipv6CidrBlockState: {State: associated}}]}
ec2.DescribeVpcs:
- {VpcId: vpc-bb5e6cc5b903172e8, CidrBlockAssociationSet: [{CidrBlock: 10.0.0.0/16, CidrBlockState: {State: associated}}],
   Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: '2001:db8::/32', Ipv6CidrBlockState: {State: associated}}]}
"""
DUAL = {"ip_address_type": "dualstack"}


def six(*ports: dict[str, Any], **given: Any) -> Result:
    return compiled(service(*ports, **{**DUAL, **given}), recording=recorded(SIX))
