"""Record sets of a hosted zone: a batch of changes is made as a whole, or refused in the words of Route 53."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

RecordSet = dict[str, Any]
"""A record set as Route 53 lists it, with a plain list of values."""
Key = tuple[str, str, str]
"""Name, type and set identifier."""

_LONGEST = 255  # characters in one string of a TXT record, RFC 1035 3.3.14


def name(text: str) -> str:
    """A name as Route 53 lists it: lower case, with a dot at the end and an asterisk as `\\052`."""
    return text.lower().rstrip(".").replace("*", "\\052") + "."


def normal(given: Mapping[str, Any]) -> RecordSet:
    """A record set in the one form that is compared and kept."""
    found = {key: value for key, value in given.items() if value not in (None, [], "")}
    found["Name"] = name(str(given["Name"]))
    rows = given.get("ResourceRecords") or []
    found["ResourceRecords"] = sorted(str(row["Value"]) if isinstance(row, dict) else str(row) for row in rows)
    if "TTL" in found:
        found["TTL"] = int(found["TTL"])
    if alias := given.get("AliasTarget"):
        healthy = str(alias.get("EvaluateTargetHealth", False)).lower() == "true"
        found["AliasTarget"] = {**alias, "DNSName": name(str(alias["DNSName"])), "EvaluateTargetHealth": healthy}
    return found


@dataclass(slots=True)
class Batch:
    """The changes of one call, in order, on a copy of a zone's record sets; `wrong` are Route 53's complaints."""

    zone: str
    zone_id: str
    sets: dict[Key, RecordSet]
    wrong: list[str] = field(default_factory=list)

    def change(self, action: str, given: Mapping[str, Any]) -> None:
        """Make one change, or complain."""
        wanted = normal(given)
        if not wanted["Name"].endswith(f".{self.zone}") and wanted["Name"] != self.zone:
            self.wrong.append(f"RRSet with DNS name {wanted['Name']} is not permitted in zone {self.zone}")
        elif action == "DELETE":
            self._delete(wanted)
        elif action == "CREATE" and _key(wanted) in self.sets:
            self.wrong.append(f"Tried to create resource record set [{_said(wanted)}] but it already exists")
        elif not self._refused(wanted):
            self.sets[_key(wanted)] = wanted

    def _delete(self, wanted: RecordSet) -> None:
        key = _key(wanted)
        if key not in self.sets:
            self.wrong.append(f"Tried to delete resource record set [{_said(wanted)}] but it was not found")
        elif self.sets[key] != wanted:
            told = "but the values provided do not match the current values"
            self.wrong.append(f"Tried to delete resource record set [{_said(wanted)}] {told}")
        elif wanted["Name"] == self.zone and wanted["Type"] in ("NS", "SOA"):
            self.wrong.append(f"A HostedZone must contain at least one {wanted['Type']} record for the zone itself.")
        else:
            del self.sets[key]

    def _refused(self, wanted: RecordSet) -> bool:
        before = len(self.wrong)
        self.wrong += [*self._neighbours(wanted), *_values(wanted), *self._target(wanted)]
        return len(self.wrong) > before

    def _neighbours(self, wanted: RecordSet) -> Iterable[str]:
        """A CNAME is alone at its name, and a simple record set is the only one of its type."""
        title = f"RRSet of type {wanted['Type']} with DNS name {wanted['Name']} is not permitted"
        others = [each for key, each in self.sets.items() if each["Name"] == wanted["Name"] and key != _key(wanted)]
        if wanted["Type"] == "CNAME":
            if wanted["Name"] == self.zone:
                yield f"{title} at apex in zone {self.zone}"
            elif any(each["Type"] != "CNAME" for each in others):
                yield f"{title} as it conflicts with other records with the same DNS name in zone {self.zone}"
        elif any(each["Type"] == "CNAME" for each in others):
            reason = f"a conflicting RRSet of type CNAME with the same DNS name already exists in zone {self.zone}"
            yield f"{title} because {reason}"
        alike = [each for each in others if each["Type"] == wanted["Type"]]
        if any(not wanted.get("SetIdentifier") or not each.get("SetIdentifier") for each in alike):
            what = f"RRSet with DNS name {wanted['Name']}, type {wanted['Type']}"
            yield f"{what} cannot be created as other RRSets exist with the same name and type."

    def _target(self, wanted: RecordSet) -> Iterable[str]:
        """An alias to another record of the same zone needs that record."""
        alias = wanted.get("AliasTarget")
        if not alias or alias["HostedZoneId"] != self.zone_id:
            return
        if not any(each["Name"] == alias["DNSName"] and each["Type"] == wanted["Type"] for each in self.sets.values()):
            yield f"{tried(alias, wanted['Type'])}, but that target was not found"


def tried(alias: Mapping[str, Any], kind: str) -> str:
    """The beginning of complaints about an alias."""
    return f"Tried to create an alias that targets {name(str(alias['DNSName']))}, type {kind} in zone {alias['HostedZoneId']}"


def _values(wanted: RecordSet) -> Iterable[str]:
    if "AliasTarget" not in wanted and not (wanted["ResourceRecords"] and "TTL" in wanted):
        either = "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none"
        yield f"Invalid request: {either} in Change with [Name={wanted['Name']}, Type={wanted['Type']}]"
    for value in wanted["ResourceRecords"] if wanted["Type"] == "TXT" else ():
        fault = ""
        if not (value.startswith('"') and value.endswith('"') and len(value) > 1):
            fault = "InvalidCharacterString (Value should be enclosed in quotation marks)"
        elif any(len(part) > _LONGEST for part in value[1:-1].split('" "')):
            fault = "CharacterStringTooLong (Value is too long)"
        if fault:
            yield f"Invalid Resource Record: 'FATAL problem: {fault} encountered with '{value}''"


def _key(each: RecordSet) -> Key:
    return each["Name"], each["Type"], each.get("SetIdentifier") or ""


def _said(each: RecordSet) -> str:
    own = f", set-identifier='{each['SetIdentifier']}'" if each.get("SetIdentifier") else ""
    return f"name='{each['Name']}', type='{each['Type']}'{own}"
