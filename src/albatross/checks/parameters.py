"""IngressClassParams: what the schema of the kind cannot say. The texts are those of the other controller's admission webhook.

Source: `webhooks/elbv2/ingressclassparams_validator.go`.
"""

import ipaddress
import json
from collections.abc import Iterable, Iterator

from albatross.catalog import tenants
from albatross.catalog.tenants import TENANTS
from albatross.catalog.value import is_cidr
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import IngressClassParams, SubnetParams

CIDRS, SUBNETS = "spec.inboundCIDRs", "spec.subnets"


def check(params: IngressClassParams) -> Iterator[Problem]:
    """Every problem of one object, in the order of its fields."""
    at = Origin("IngressClassParams", "", params.metadata.name)
    for index, cidr in enumerate(params.inbound_cidrs):
        yield from _cidr(cidr, at.at(f"{CIDRS}[{index}]"))
    if params.subnets is not None:
        yield from _subnets(params.subnets, at)
    yield from _policy(params, at)


def _policy(params: IngressClassParams, at: Origin) -> Iterator[Problem]:
    written = params.metadata.annotations.get(TENANTS)
    place = at.at(f'metadata.annotations["{TENANTS}"]')
    if written is not None and isinstance(reason := tenants.parse(written), str):
        yield _problem("LB442", place, reason=reason)
    elif written is not None and params.group_name is None:
        yield _problem("LB442", place, reason="spec.group names no group")


def _cidr(cidr: str, at: Origin) -> Iterator[Problem]:
    if not is_cidr(cidr):
        yield _problem("LB172", at, value=json.dumps(cidr, ensure_ascii=False), hint=_hint(cidr))
        return
    network = ipaddress.ip_network(cidr, strict=False)
    if ipaddress.ip_address(cidr.partition("/")[0]) != network.network_address:
        yield _problem("LB173", at, value=json.dumps(cidr), meant=str(network))


def _hint(cidr: str) -> str:
    """The CIDR of a single address. For IPv6 the other controller proposes the network of 64 bits."""
    try:
        address = ipaddress.ip_address(cidr)
    except ValueError:
        return ""
    if "%" in cidr:
        return ""
    return f' (did you mean "{cidr}/{32 if address.version == 4 else 64}")'


def _subnets(subnets: SubnetParams, at: Origin) -> Iterator[Problem]:
    if subnets.ids is None and subnets.tags is None:
        yield _problem("LB174", at.at(SUBNETS))
    elif subnets.ids is not None and subnets.tags is not None:
        yield _problem("LB175", at.at(f"{SUBNETS}.tags"))
    elif subnets.ids is not None:
        yield from _repeated(subnets.ids, at.at(f"{SUBNETS}.ids"))
    else:
        tags = subnets.tags or {}
        if not tags:
            yield _problem("LB176", at.at(f"{SUBNETS}.tags"))
        for key, values in tags.items():
            yield from _repeated(values, at.at(f'{SUBNETS}.tags["{key}"]'))


def _repeated(values: Iterable[str], at: Origin) -> Iterator[Problem]:
    seen = set()
    for index, value in enumerate(values):
        if value in seen:
            yield _problem("LB177", at.at(f"{at.field}[{index}]"), value=json.dumps(value, ensure_ascii=False))
        seen.add(value)


def _problem(code: str, at: Origin, **args: str) -> Problem:
    return Problem(code, at, tuple(sorted(args.items())))
