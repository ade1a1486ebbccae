"""Security groups: ec2 `SecurityGroup` and `IpPermission` ↔ model."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from albatross.aws.wire.action import literal
from albatross.model.observed import Owned
from albatross.model.resources.ref import Pairs
from albatross.model.resources.security_group import Permission, SecurityGroup

Item = Mapping[str, Any]


def write(permissions: Iterable[Permission]) -> list[dict[str, Any]]:
    """Model → `IpPermissions`, with one source each."""
    return [_write(each) for each in permissions]


def _write(permission: Permission) -> dict[str, Any]:
    item: dict[str, Any] = {"IpProtocol": permission.protocol}
    if permission.protocol != "-1":
        item |= {"FromPort": permission.from_port, "ToPort": permission.to_port}
    said = {"Description": permission.description}
    if permission.cidr:
        item["IpRanges"] = [{"CidrIp": permission.cidr, **said}]
    if permission.cidr6:
        item["Ipv6Ranges"] = [{"CidrIpv6": permission.cidr6, **said}]
    if permission.prefix_list:
        item["PrefixListIds"] = [{"PrefixListId": permission.prefix_list, **said}]
    if permission.source_group:
        item["UserIdGroupPairs"] = [{"GroupId": literal(permission.source_group), **said}]
    return item


def read_permissions(items: Iterable[Item]) -> tuple[Permission, ...]:
    """`IpPermissions` → model, split into one source each and sorted."""
    found = (each for item in items for each in _read(item))
    return tuple(sorted(found, key=_order))


def _order(permission: Permission) -> tuple[str, ...]:
    return tuple(str(each) for each in _identity(permission))


def _identity(permission: Permission) -> tuple[object, ...]:
    source = (permission.cidr, permission.cidr6, permission.prefix_list, permission.source_group)
    return (permission.protocol, f"{permission.from_port:06}", f"{permission.to_port:06}", *source)


def _read(item: Item) -> Iterator[Permission]:
    sources = (("IpRanges", "CidrIp", "cidr"), ("Ipv6Ranges", "CidrIpv6", "cidr6"), ("PrefixListIds", "PrefixListId", "prefix_list"))
    for list_key, key, field in (*sources, ("UserIdGroupPairs", "GroupId", "source_group")):
        for entry in item.get(list_key) or ():
            source: dict[str, Any] = {field: entry[key]}
            yield Permission(
                protocol=item.get("IpProtocol", "-1"),
                from_port=int(item.get("FromPort", -1)),
                to_port=int(item.get("ToPort", -1)),
                description=entry.get("Description") or "",
                **source,
            )


def read(item: Item, tags: Pairs, resource: str) -> Owned[SecurityGroup]:
    """Answer → model."""
    group = SecurityGroup(
        id=resource,
        name=item.get("GroupName", ""),
        description=item.get("Description", ""),
        ingress=read_permissions(item.get("IpPermissions") or ()),
    )
    return Owned(resource=group, arn=item["GroupId"], tags=tags)
