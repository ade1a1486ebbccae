"""Names: from the annotation to an answer by DNS, and away again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import dns.asyncquery
import dns.message
import dns.rcode
import pytest
from tests.flows.bed import Bed, deployment, ingress, service, until
from tests.flows.test_edit import place

FEATURES = ("dns",)
"""What the role of the controller may do, in addition to what is usual."""
pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

DNS = "albatross.dev/dns"
FOREIGN = '"heritage=external-dns,external-dns/owner=other,external-dns/resource=ingress/default/old"'


@dataclass
class Zone:
    """The hosted zone of the world, as somebody else with all permissions sees it."""

    bed: Bed

    def __post_init__(self) -> None:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox", "region_name": self.bed.world.region}
        self.client = boto3.client("route53", endpoint_url=self.bed.world.aws_endpoint, **keys)
        self.id = self.bed.world.details["hosted_zone_id"]

    def change(self, action: str, name: str, type: str, *values: str) -> None:
        own = {"Name": name, "Type": type, "TTL": 60, "ResourceRecords": [{"Value": each} for each in values]}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": own}]}
        self.client.change_resource_record_sets(HostedZoneId=self.id, ChangeBatch=batch)

    def sets(self, *words: str) -> dict[str, Any]:
        """Record sets whose names contain one of the words, by `type name`."""
        found = self.client.list_resource_record_sets(HostedZoneId=self.id)["ResourceRecordSets"]
        return {f"{each['Type']} {each['Name']}": each for each in found if any(word in each["Name"] for word in words)}


@pytest.fixture
def zone(bed: Bed) -> Iterator[Zone]:
    rates = [{key: value for key, value in each.items() if key != "left"} for each in bed.call("limits")["rates"]]
    bed.call("limits", {"rates": []})  # the tests read the zone often, with the rate of the account
    found = Zone(bed)
    yield found
    found.client.close()
    bed.call("limits", {"rates": rates})


async def asked(bed: Bed, name: str, kind: str = "A") -> list[str]:
    """The answer of the world's resolver; `NXDOMAIN` if there is no such name."""
    address, _, port = bed.world.dns.partition(":")
    found = await dns.asyncquery.udp(dns.message.make_query(name, kind), address, port=int(port), timeout=10)
    if found.rcode() == dns.rcode.NXDOMAIN:
        return ["NXDOMAIN"]
    return [str(row) for rrset in found.answer for row in rrset]


async def resolves(bed: Bed, name: str, wanted: list[str]) -> None:
    async def look() -> bool:
        return await asked(bed, name) == wanted

    await until(look, f"{name} resolves to {wanted}")


def named(name: str, *hosts: str, dns: str = "true", **annotations: str) -> dict[str, Any]:
    """An Ingress with these hosts."""
    found = ingress(name, **annotations)
    found["metadata"]["annotations"][DNS] = dns
    paths = found["spec"]["rules"][0]["http"]
    found["spec"]["rules"] = [{"host": host, "http": paths} for host in hosts]
    return found


async def address(bed: Bed, name: str) -> str:
    """Where the data plane serves the load balancer of an Ingress."""
    balancer = await bed.address(name)

    async def look() -> Any:
        return place(bed, balancer, 80)

    return str((await until(look, "the load balancer is served"))[0])


@pytest.fixture
async def shop(bed: Bed, zone: Zone) -> Bed:
    await bed.apply(service(), deployment(replicas=1))
    return bed


async def test_a_name_lives_as_long_as_its_host(shop: Bed, zone: Zone) -> None:
    one, two = f"one.{shop.namespace}.example.com", f"*.{shop.namespace}.example.com"
    await shop.apply(named("app", one, two))
    at = await address(shop, "app")
    await resolves(shop, one, [at])
    assert await asked(shop, f"any.{shop.namespace}.example.com") == [at]
    made = zone.sets(shop.namespace)
    wild = f"\\052.{shop.namespace}.example.com."
    assert made.keys() == {f"A {one}.", f"TXT a-{one}.", f"A {wild}", f"TXT a-{wild}"}
    owner = "external-dns/owner=albatross/sandbox,external-dns/resource=ingress/"
    assert owner + f"{shop.namespace}/app" in made[f"TXT a-{one}."]["ResourceRecords"][0]["Value"]
    changes = [each for each in shop.calls() if each["operation"] == "ChangeResourceRecordSets"]
    assert len(changes) == 1

    # Nothing is written again, not after a restart either.
    await shop.quiet()
    shop.remember()
    shop.controller.stop()
    shop.controller.start()
    await shop.quiet()
    assert shop.writes() == []

    await shop.apply(named("app", one))
    await resolves(shop, f"any.{shop.namespace}.example.com", ["NXDOMAIN"])
    assert zone.sets(shop.namespace).keys() == {f"A {one}.", f"TXT a-{one}."}

    # Without the annotation, the name goes and the load balancer stays.
    plain = named("app", one)
    del plain["metadata"]["annotations"][DNS]
    await shop.kubectl("annotate", "ingress", "app", f"{DNS}-")
    await resolves(shop, one, ["NXDOMAIN"])
    assert zone.sets(shop.namespace) == {}
    await shop.quiet()
    assert place(shop, await shop.address(), 80)

    await shop.apply(named("app", one))
    await resolves(shop, one, [at])
    await shop.kubectl("delete", "ingress", "app", "--timeout=60s")
    assert zone.sets(shop.namespace) == {}
    assert await asked(shop, one) == ["NXDOMAIN"]


async def test_a_host_moves_to_another_load_balancer(shop: Bed, zone: Zone) -> None:
    one, two = f"one.{shop.namespace}.example.com", f"two.{shop.namespace}.example.com"
    await shop.apply(named("app", one, two), named("other", f"three.{shop.namespace}.example.com"))
    await resolves(shop, two, [await address(shop, "app")])
    await shop.apply(named("other", two))
    told = await shop.event("NameNotOurs", "other")
    assert f"ingress/{shop.namespace}/app" in told["message"]
    await shop.apply(named("app", one))
    await resolves(shop, two, [await address(shop, "other")])
    assert await asked(shop, one) == [await address(shop, "app")]


async def test_a_record_of_somebody_else_stays(shop: Bed, zone: Zone) -> None:
    owned, bare, free = (f"{each}.{shop.namespace}.example.com" for each in ("owned", "bare", "free"))
    zone.change("CREATE", owned, "A", "192.0.2.1")
    zone.change("CREATE", f"cname-{owned}", "TXT", FOREIGN)
    zone.change("CREATE", bare, "CNAME", "www.example.org")
    before = zone.sets(f"owned.{shop.namespace}", bare)
    await shop.apply(named("app", owned, bare, free))
    await resolves(shop, free, [await address(shop, "app")])
    assert "its owner is other (ingress/default/old)" in (await shop.event("RecordNotOurs", contains=owned))["message"]
    assert "nobody" in (await shop.event("RecordNotOurs", contains=bare))["message"]
    assert zone.sets(f"owned.{shop.namespace}", bare) == before
    zone.change("DELETE", bare, "CNAME", "www.example.org")
    await shop.kubectl("delete", "ingress", "app", "--timeout=60s")
    assert zone.sets(shop.namespace).keys() == {f"A {owned}.", f"TXT cname-{owned}."}
    zone.change("DELETE", owned, "A", "192.0.2.1")
    zone.change("DELETE", f"cname-{owned}", "TXT", FOREIGN)


async def test_without_the_permission_everything_else_goes_on(shop: Bed, zone: Zone) -> None:
    one = f"one.{shop.namespace}.example.com"
    shop.call("faults", [{"service": "route53", "operation": "ChangeResourceRecordSets", "code": "AccessDenied", "status": 403}])
    await shop.apply(named("app", one))
    await address(shop, "app")
    told = await shop.event("FailedDeployModel")
    assert "LB511" in told["message"]
    assert "route53:ChangeResourceRecordSets" in told["message"]
    shop.call("faults", [{"service": "route53", "operation": "ListHostedZones", "code": "AccessDenied", "status": 403}])
    shop.controller.stop()
    shop.controller.start()
    assert "ListHostedZones" in (await shop.event("HostedZonesRefused"))["message"]
    shop.call("faults", [])
    await resolves(shop, one, [await address(shop, "app")])


async def test_enabled_for_all_with_one_exception(shop: Bed, zone: Zone) -> None:
    shop.controller.stop()
    shop.controller.start("--enable-dns")
    one, two = f"one.{shop.namespace}.example.com", f"two.{shop.namespace}.example.com"
    plain = named("app", one)
    del plain["metadata"]["annotations"][DNS]
    await shop.apply(plain, named("other", two, dns="false"))
    await resolves(shop, one, [await address(shop, "app")])
    await address(shop, "other")
    assert zone.sets(two) == {}
