"""The largest objects that an API server accepts, each with something else that is large in it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from soak import shop

Object = dict[str, Any]
ANNOTATIONS = 250_000
"""Bytes of annotations; an API server accepts 256 KiB."""
WHOLE = 1_400_000
"""Bytes of an object; etcd accepts 1.5 MiB."""
ACTION = {"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": 80, "weight": 1}]}}


def objects(share: float = 1.0) -> Iterator[tuple[str, Object]]:
    """The objects, each with what is large in it. `share`: the part of the full size."""
    for what, annotations in _annotated(share):
        yield f"an Ingress with {what}", _named(shop.ingress({**shop.FIRST, **annotations}, ("/", "web")))
    yield from _spread(int(WHOLE * share))
    for what, annotations in _balanced(share):
        yield f"a Service with {what}", _network(annotations, 1)
    yield "a Service with 15,000 ports", _network({}, int(15_000 * share))
    yield from _others(int(WHOLE * share))


def _annotated(share: float) -> Iterator[tuple[str, Mapping[str, str]]]:
    size = int(ANNOTATIONS * share)
    yield "15,000 listen-ports", {"listen-ports": json.dumps([{"HTTP": number} for number in range(1, int(15_000 * share))])}
    yield "800 listen-ports", {"listen-ports": json.dumps([{"HTTP": number} for number in range(1, int(800 * share))])}
    yield "25,000 tags", {"tags": _joined(size, lambda number: f"k{number}=v")}
    yield "20,000 source ranges", {"inbound-cidrs": _joined(size, lambda number: f"10.{number % 250}.{number // 250}.0/24")}
    yield "30,000 wrong source ranges", {"inbound-cidrs": _joined(size, lambda number: f"x{number}")}
    yield "30,000 certificates", {"certificate-arn": _joined(size, lambda number: f"arn{number}"), "listen-ports": shop.BOTH}
    yield "30,000 subnets", {"subnets": _joined(size, lambda number: f"s{number}")}
    yield "30,000 security groups", {"security-groups": _joined(size, lambda number: f"s{number}")}
    yield "25,000 attributes", {"target-group-attributes": _joined(size, lambda number: f"k{number}=v")}
    yield "4,500 annotations", {f"conditions.s{number}": "[]" for number in range(size // 55)}
    yield "4,500 unknown annotations", {f"conditins-s{number}": "" for number in range(size // 55)}
    yield "a word of 250 kB", {"ssl-policy": "x" * size, "scheme": "y" * size if share < 0.5 else "internal"}
    body = {"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200", "messageBody": "x" * size}}
    yield "one action of 250 kB", {"actions.web": json.dumps(body)}
    yield "JSON 90,000 deep", {"conditions.web": "[" * (size // 3) + "]" * (size // 3)}
    yield "JSON with 80,000 lists", {"conditions.web": f"[{_joined(size, lambda _: '[]')}]"}
    yield "12,000 wrong conditions", {"conditions.web": json.dumps([{"field": "x"}] * (size // 20))}
    yield "1,500 actions", {f"actions.a{number}": json.dumps(ACTION) for number in range(size // 180)}


def _spread(size: int) -> Iterator[tuple[str, Object]]:
    """Ingresses of which `spec` is large."""
    paths = [(f"/{number}", "web") for number in range(size // 110)]
    yield "an Ingress with 12,000 paths", _named(shop.ingress(shop.FIRST, *paths))
    nowhere = [(f"/{number}", f"s{number}") for number in range(size // 110)]
    yield "an Ingress with 12,000 paths to Services that do not exist", _named(shop.ingress(shop.FIRST, *nowhere))
    found = _named(shop.ingress(shop.FIRST, ("/", "web")))
    rules = [{**found["spec"]["rules"][0], "host": f"h{number}.example.com"} for number in range(size // 150)]
    yield "an Ingress with 9,000 hosts", {**found, "spec": {**found["spec"], "rules": rules}}
    hosts = [f"h{number}.example.com" for number in range(size // 25)]
    yield "an Ingress with 50,000 hosts of TLS", {**found, "spec": {**found["spec"], "tls": [{"hosts": hosts}]}}
    ports = {"listen-ports": json.dumps([{"HTTP": number} for number in range(1, max(2, size // 1500))])}
    many = [(f"/{number}", "web") for number in range(max(2, size // 1500))]
    yield "an Ingress with 900 paths on each of 900 ports", _named(shop.ingress({**shop.FIRST, **ports}, *many))


def _balanced(share: float) -> Iterator[tuple[str, Mapping[str, str]]]:
    size = int(ANNOTATIONS * share)
    yield "25,000 additional tags", {"additional-resource-tags": _joined(size, lambda number: f"k{number}=v")}
    yield "30,000 certificates", {"ssl-cert": _joined(size, lambda number: f"arn{number}")}
    yield "30,000 TLS ports", {"ssl-ports": _joined(size, lambda number: f"p{number}"), "ssl-cert": "arn"}
    yield "20,000 source ranges", {"source-ranges": _joined(size, lambda number: f"10.{number % 250}.{number // 250}.0/24")}
    yield "30,000 subnets", {"subnets": _joined(size, lambda number: f"s{number}")}
    yield "4,000 unknown annotations", {f"tag-{number}": "" for number in range(size // 60)}


def _network(annotations: Mapping[str, str], ports: int) -> Object:
    rows = [{"name": f"p{number}", "port": number, "targetPort": 8080, "protocol": "TCP"} for number in range(1, ports + 1)]
    own = {**shop.NETWORK, **{shop.NLB + key: text for key, text in annotations.items()}}
    return shop.service("large", own, type="LoadBalancer", loadBalancerClass="service.k8s.aws/nlb", ports=rows)


def _others(size: int) -> Iterator[tuple[str, Object]]:
    """Objects of the other kinds."""
    yield "1,000 endpoints in a slice", shop.endpoints("web", [f"127.9.{number // 250}.{number % 250 + 1}" for number in range(1000)])
    peers = [{"ipBlock": {"cidr": f"10.{number % 250}.{number // 250}.0/24"}} for number in range(size // 50)]
    yield "a TargetGroupBinding with 28,000 sources", _binding(peers, [{"protocol": "TCP", "port": 80}])
    ports = [{"protocol": "TCP", "port": number} for number in range(1, size // 160)]
    yield "a TargetGroupBinding with 8,000 sources and 8,000 ports", _binding(peers[: size // 160], ports)
    pairs = [{"key": f"k{number}", "value": "v"} for number in range(size // 40)]
    spec: Object = {"tags": pairs, "inboundCIDRs": [f"10.{n % 250}.{n // 250}.0/24" for n in range(size // 40)]}
    yield "IngressClassParams with 30,000 tags and source ranges", _params(spec)
    several = [{"key": f"k{number}", "operator": "DoesNotExist"} for number in range(size // 60)]
    yield "IngressClassParams that select namespaces by 20,000 expressions", _params({"namespaceSelector": {"matchExpressions": several}})
    yield "a Secret with 50,000 keys", _plain("v1", "Secret", {"data": {f"k{number}": "" for number in range(size // 15)}})
    container = {"name": "web", "image": "echo", "ports": [{"name": f"p{n}", "containerPort": n % 65_535 + 1} for n in range(size // 45)]}
    yield "a Pod with 30,000 ports", _plain("v1", "Pod", {"spec": {"containers": [container]}})
    labels = {f"l{number}": "" for number in range(size // 15)}
    yield "a Pod with 90,000 labels", _plain("v1", "Pod", {"spec": {"containers": [{"name": "web", "image": "echo"}]}}, labels)


def _binding(peers: list[Object], ports: list[Object]) -> Object:
    spec = {
        "targetGroupARN": "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/none/0123456789abcdef",
        "targetType": "ip",
        "ipAddressType": "ipv4",
        "serviceRef": {"name": "web", "port": 80},
        "networking": {"ingress": [{"from": peers, "ports": ports}]},
    }
    return _plain("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", {"spec": spec})


def _params(spec: Object) -> Object:
    found = _plain("elbv2.k8s.aws/v1beta1", "IngressClassParams", {"spec": spec})
    del found["metadata"]["namespace"]
    return found


def _plain(version: str, kind: str, rest: Object, labels: Mapping[str, str] | None = None) -> Object:
    metadata = {"namespace": shop.SPACE, "name": "large", **({"labels": dict(labels)} if labels else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def _joined(size: int, text: Callable[[int], str]) -> str:
    """A list with commas, of at most this number of bytes."""
    parts, used, number = [], 0, 0
    while used < size:
        parts.append(text(number))
        used += len(parts[-1]) + 1
        number += 1
    return ",".join(parts[:-1])


def _named(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "name": "large"}}
