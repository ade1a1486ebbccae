"""Objects that nobody would write and that an API server accepts all the same. The same seed gives the same objects."""

import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from albatross.catalog.annotations import ANNOTATIONS

Object = dict[str, Any]
SPACE = "fuzz"

WORDS = (
    "",
    " ",
    ",",
    "=",
    "null",
    "true",
    "-1",
    "0",
    "65536",
    "9" * 400,
    "1e999",
    "NaN",
    "{}",
    "[]",
    "[[]]",
    "{",
    '"',
    "\u0001",
    "a\u0000b",
    "\ud7ff\ue000\uffff",
    "١٢٣",
    "ﬁ\u202e\u0301",
    "\r\n\t",
    "[" * 990 + "]" * 990,
    '{"a":' * 990 + "1" + "}" * 990,
    "," * 5000,
    "a=" * 2000,
    "x" * 20_000,
    "arn:aws:acm:us-east-1:1:certificate/x",
    "sg-0123456789abcdef0",
    "10.0.0.0/33",
    "::/0",
    "${jndi:ldap://x}",
    "%s%n",
    "[red]x[/red]",
    "'; DROP TABLE x; --",
)
PATHS = ("/", "/a", "/a/", "/*", "/a*b", "/.a", "/%20", "/é", "/" + "x" * 300, "/a?b=c", "/[0-9]+$", "/" + "a/" * 100)
HOSTS = ("", "a.example.com", "*.example.com", "xn--bcher-kva.example", "a" * 63 + ".example.com", "localhost", "1.2.3.4.example")
PATH_TYPES = ("Prefix", "Exact", "ImplementationSpecific")


@dataclass(frozen=True)
class Mix:
    """What the objects are: of each kind, how many; `ports` is the largest number of ports of a Service."""

    ingresses: int = 3
    services: int = 2
    params: int = 1
    ports: int = 30


CHEAP = Mix(ingresses=6, services=1, params=3, ports=2)
"""Few load balancers come of them: strange Services are mostly usable."""


def objects(seed: int, count: int, mix: Mix | None = None) -> Iterator[Object]:
    """So many objects, all with names of their own."""
    chance, mix = random.Random(seed), mix or Mix()
    service = partial(_service, ports=mix.ports)
    makers: tuple[Callable[[random.Random, str], Object], ...] = (
        *(_ingress,) * mix.ingresses,
        *(service,) * mix.services,
        *(_params,) * mix.params,
    )
    for number in range(count):
        made = chance.choice(makers)(chance, f"o{number}")
        yield json.loads(json.dumps(made))


def _ingress(chance: random.Random, name: str) -> Object:
    spec: Object = {"ingressClassName": chance.choice(("alb", "alb", "alb", "fuzz"))}
    if chance.random() < 0.3:
        spec["defaultBackend"] = _backend(chance)
    if chance.random() < 0.9 or "defaultBackend" not in spec:
        spec["rules"] = [_rule(chance) for _ in range(chance.choice((1, 1, 2, 5)))]
    if chance.random() < 0.3:
        spec["tls"] = [{"hosts": [host for host in chance.sample(HOSTS, 2) if host], **chance.choice(({}, {"secretName": "s"}))}]
    return _object("networking.k8s.io/v1", "Ingress", name, _annotations(chance, "Ingress"), spec)


def _rule(chance: random.Random) -> Object:
    host = chance.choice(HOSTS)
    paths = [
        {"path": chance.choice(PATHS), "pathType": chance.choice(PATH_TYPES), "backend": _backend(chance)}
        for _ in range(chance.choice((1, 1, 2, 9)))
    ]
    return {**({"host": host} if host else {}), **({"http": {"paths": paths}} if chance.random() < 0.95 else {})}


def _backend(chance: random.Random) -> Object:
    if chance.random() < 0.05:
        return {"resource": {"apiGroup": "k8s.example.com", "kind": "Bucket", "name": "b"}}
    port: Object = chance.choice(({"number": 80}, {"number": 65535}, {"name": "http"}, {"name": "use-annotation"}))
    return {"service": {"name": chance.choice(("web", "none", "o1", "a" * 63)), "port": port}}


def _service(chance: random.Random, name: str, ports: int) -> Object:
    rows = [
        {"name": f"p{number}", "port": chance.randint(1, 65535), "protocol": chance.choice(("TCP", "TCP", "UDP"))}
        for number in range(chance.choice((1, 1, 2, ports)))
    ]
    rows = list({(each["port"], each["protocol"]): each for each in rows}.values())
    spec: Object = {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb", "ports": rows}
    if chance.random() < 0.3:
        spec["loadBalancerSourceRanges"] = [chance.choice(("10.0.0.0/8", "0.0.0.0/0", "192.168.1.0/24"))]
    if chance.random() < 0.3:
        spec["selector"] = {"app": "web"}
    return _object("v1", "Service", name, _annotations(chance, "Service"), spec)


def _params(chance: random.Random, name: str) -> Object:
    spec: Object = {
        "scheme": chance.choice(("internal", "internet-facing")),
        "tags": [{"key": _word(chance)[:100], "value": _word(chance)[:200]} for _ in range(chance.choice((0, 1, 60)))],
        "inboundCIDRs": [_word(chance)[:50] for _ in range(chance.choice((0, 1, 3)))],
        "loadBalancerAttributes": [{"key": _word(chance)[:100], "value": _word(chance)[:100]}],
    }
    if chance.random() < 0.5:
        spec["group"] = {"name": _word(chance)[:63]}
    found = _object("elbv2.k8s.aws/v1beta1", "IngressClassParams", name, {}, spec)
    del found["metadata"]["namespace"]
    return found


def _object(version: str, kind: str, name: str, annotations: dict[str, str], spec: Object) -> Object:
    metadata = {"namespace": SPACE, "name": name, "annotations": annotations}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _annotations(chance: random.Random, kind: str) -> dict[str, str]:
    rows = [row for row in ANNOTATIONS.values() if kind in row.kinds]
    chosen = chance.sample(rows, min(len(rows), chance.choice((1, 2, 4, 12))))
    return {row.prefix + row.example_name: _value(chance, row.example) for row in chosen}


def _value(chance: random.Random, example: str) -> str:
    """An example, spoiled or not."""
    match chance.randrange(7):
        case 0:
            return example
        case 1:
            return _word(chance)
        case 2:
            other = chance.choice(list(ANNOTATIONS.values())).example
            return other
        case 3:
            at = chance.randint(0, len(example))
            return example[:at] + _word(chance)[:1000] + example[at:]
        case 4:
            return example[: chance.randint(0, len(example))]
        case 5:
            return ",".join([example] * chance.choice((2, 50)))
        case _:
            return "".join(chance.choice(string.printable[:95]) if chance.random() < 0.2 else each for each in example)


def _word(chance: random.Random) -> str:
    found = chance.choice(WORDS)
    return "".join(each for each in found if each != "\u0000")
