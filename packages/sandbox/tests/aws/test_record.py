"""What Route 53 refuses, in its own words."""

from typing import Any

import pytest

from .conftest import Account

ZONE = "example.com."


def text(value: str) -> dict[str, Any]:
    return {"TTL": 300, "ResourceRecords": [{"Value": value}]}


def record(name: str, type: str = "A", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": type, **(more or text("192.0.2.1" if type == "A" else '"x"'))}


@pytest.fixture
def zone(account: Account) -> str:
    reference, name = account.name("ref"), f"{account.name('zone')}.example.com"
    made = account.client("route53").create_hosted_zone(Name=name, CallerReference=reference)["HostedZone"]
    return f"{made['Id']} {name}"


class Zone:
    """A hosted zone of the test's own."""

    def __init__(self, account: Account, made: str) -> None:
        self.account, (self.id, self.name) = account, made.split()

    def change(self, *changes: tuple[str, dict[str, Any]]) -> str:
        """The text of the refusal, or nothing."""
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": each} for action, each in changes]}
        call = self.account.client("route53").change_resource_record_sets
        told = self.account.refusal(call, HostedZoneId=self.id, ChangeBatch=batch)
        assert told.get("Code", "InvalidChangeBatch") == "InvalidChangeBatch", told
        return told.get("Message", "")

    def sets(self) -> dict[tuple[str, str], dict[str, Any]]:
        found = self.account.client("route53").list_resource_record_sets(HostedZoneId=self.id)["ResourceRecordSets"]
        return {(each["Name"].removesuffix(f".{self.name}."), each["Type"]): each for each in found}

    def at(self, name: str) -> str:
        return f"{name}.{self.name}"


@pytest.fixture
def own(account: Account, zone: str) -> Zone:
    return Zone(account, zone)


def test_a_batch_is_made_as_a_whole_or_not_at_all(own: Zone) -> None:
    assert own.change(("CREATE", record(own.at("a")))) == ""
    told = own.change(("CREATE", record(own.at("b"))), ("CREATE", record(own.at("a"))), ("DELETE", record(own.at("c"))))
    exists = f"Tried to create resource record set [name='{own.at('a')}.', type='A'] but it already exists"
    missing = f"Tried to delete resource record set [name='{own.at('c')}.', type='A'] but it was not found"
    assert told == f"[{exists}, {missing}]"
    assert ("b", "A") not in own.sets()


def test_a_deletion_names_the_current_values(own: Zone) -> None:
    other = record(own.at("a"), **text("192.0.2.9"))
    assert own.change(("CREATE", record(own.at("a")))) == ""
    told = own.change(("DELETE", other))
    assert told == (
        f"[Tried to delete resource record set [name='{own.at('a')}.', type='A'] but the values provided do not match the current values]"
    )
    assert own.change(("DELETE", record(own.at("a"))), ("CREATE", other)) == ""
    assert own.sets()["a", "A"]["ResourceRecords"] == [{"Value": "192.0.2.9"}]


def test_a_cname_is_alone_at_its_name(own: Zone) -> None:
    alone = record(own.at("c"), "CNAME", **text("www.example.org"))
    assert own.change(("CREATE", alone)) == ""
    title = "RRSet of type A with DNS name"
    why = "is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone"
    assert own.change(("CREATE", record(own.at("c")))) == f"[{title} {own.at('c')}. {why} {own.name}.]"
    assert own.change(("CREATE", record(own.at("a")))) == ""
    conflict = "is not permitted as it conflicts with other records with the same DNS name in zone"
    told = own.change(("UPSERT", record(own.at("a"), "CNAME", **text("www.example.org"))))
    assert told == f"[RRSet of type CNAME with DNS name {own.at('a')}. {conflict} {own.name}.]"
    assert "is not permitted at apex" in own.change(("CREATE", record(own.name, "CNAME", **text("www.example.org"))))
    assert own.change(("DELETE", alone), ("CREATE", record(own.at("c")))) == ""


def test_other_refusals(own: Zone) -> None:
    assert own.change(("CREATE", record("elsewhere.example.org"))) == (
        f"[RRSet with DNS name elsewhere.example.org. is not permitted in zone {own.name}.]"
    )
    assert "Value should be enclosed in quotation marks" in own.change(("CREATE", record(own.at("t"), "TXT", **text("bare"))))
    assert "CharacterStringTooLong" in own.change(("CREATE", record(own.at("t"), "TXT", **text(f'"{"x" * 256}"'))))
    assert "Expected exactly one of" in own.change(("CREATE", {"Name": own.at("t"), "Type": "A", "TTL": 5}))
    soa = own.sets()[f"{own.name}.", "SOA"]
    assert "must contain at least one SOA" in own.change(("DELETE", soa))
    weighted = record(own.at("w"), **text("192.0.2.1"), SetIdentifier="one", Weight=1)
    assert own.change(("CREATE", weighted), ("CREATE", {**weighted, "SetIdentifier": "two"})) == ""
    assert "cannot be created as other RRSets exist with the same name and type." in own.change(("CREATE", record(own.at("w"))))
    client = own.account.client("route53")
    given = {"HostedZoneId": "Z0", "ChangeBatch": {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record("a.example.com")}]}}
    assert own.account.code(client.change_resource_record_sets, **given) == "NoSuchHostedZone"


def test_a_wildcard_is_listed_with_its_code(own: Zone) -> None:
    assert own.change(("CREATE", record(own.at("*"))), ("CREATE", record(own.at("a-*"), "TXT"))) == ""
    assert {("\\052", "A"), ("a-\\052", "TXT")} <= own.sets().keys()
    assert own.change(("DELETE", record(own.at("\\052")))) == ""


def aimed(zone: str, name: str) -> dict[str, Any]:
    return {"AliasTarget": {"HostedZoneId": zone, "DNSName": name, "EvaluateTargetHealth": True}}


def test_an_alias_lies_in_the_zone_of_its_target(own: Zone, account: Account) -> None:
    balancer = account.load_balancer()
    name, place = balancer["DNSName"], balancer["CanonicalHostedZoneId"]
    assert own.change(("CREATE", record(own.at("a"), **aimed(place, f"dualstack.{name}")))) == ""
    assert own.sets()["a", "A"]["AliasTarget"]["DNSName"] == f"dualstack.{name.lower()}."
    title = f"Tried to create an alias that targets {name.lower()}., type A in zone Z3KY18NSN0TRRC"
    outside = f"{title}, but the alias target name does not lie within the target zone"
    assert own.change(("CREATE", record(own.at("b"), **aimed("Z3KY18NSN0TRRC", name)))) == (
        f"[{outside}, {title}, but that target was not found]"
    )
    unknown = "nobody-1.ap-northeast-2.elb.amazonaws.com"
    assert own.change(("CREATE", record(own.at("b"), **aimed(place, unknown)))).endswith("but that target was not found]")
    assert "does not lie within" in own.change(("CREATE", record(own.at("b"), **aimed(place, "www.example.org"))))


def test_an_alias_to_a_record_of_the_zone_needs_it(own: Zone) -> None:
    zone = own.id.rpartition("/")[2]
    told = own.change(("CREATE", record(own.at("b"), **aimed(zone, own.at("a")))))
    assert told == f"[Tried to create an alias that targets {own.at('a')}., type A in zone {zone}, but that target was not found]"
    assert own.change(("CREATE", record(own.at("a"))), ("CREATE", record(own.at("b"), **aimed(zone, own.at("a"))))) == ""


def test_five_calls_a_second(account: Account) -> None:
    account.control("limits", {"rates": [{"service": "route53", "operation": ".*", "burst": 5, "rate": 0.001}]})
    client = account.client("route53")
    assert [account.code(client.list_hosted_zones) for _ in range(6)] == [""] * 5 + ["Throttling"]
