"""What moto 5.2 gets wrong of EC2, put right inside its own process."""

from typing import Any


def apply() -> None:
    """Amend moto's classes; each amendment names what it mends."""
    _ipv6_state()
    _address_filters()


def _ipv6_state() -> None:
    """The state of a subnet's IPv6 block comes out as the text of a dict."""
    from moto.ec2.models.subnets import Subnet

    original = Subnet.ipv6_cidr_block_association_set
    read: Any = original.fget

    def association_set(self: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = read(self)
        return [{**row, "ipv6CidrBlockState": row["ipv6CidrBlockState"]["state"]} for row in rows]

    patched: Any = Subnet
    patched.ipv6_cidr_block_association_set = property(association_set)


def _address_filters() -> None:
    """`addresses.private-ip-address` looks at an interface's primary address only."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface

    original = NetworkInterface.get_filter_value

    def get_filter_value(self: Any, filter_name: str, *rest: Any, **more: Any) -> Any:
        if filter_name in ("addresses.private-ip-address", "private-ip-address"):
            return [item["PrivateIpAddress"] for item in self.private_ip_addresses]
        return original(self, filter_name, *rest, **more)

    patched: Any = NetworkInterface
    patched.get_filter_value = get_filter_value
