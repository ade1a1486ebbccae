"""DNS records of load balancers."""

from albatross.catalog.permissions.call import Condition, rows

ZONES = ("arn:{partition}:route53:::hostedzone/*",)
_CHANGES = "route53:ChangeResourceRecordSets"
ALIASES: Condition = {
    "ForAllValues:StringEquals": {
        f"{_CHANGES}Actions": ("CREATE", "DELETE"),
        f"{_CHANGES}RecordTypes": ("A", "AAAA", "TXT"),
    }
}
"""Only aliases and their ownership records; and never UPSERT, which overwrites the record of somebody else."""

ROWS = (
    *rows("FindZones", "route53", "the zones of the hosts", "ListHostedZones", "ListHostedZonesByVPC", feature="dns"),
    *rows("ReadRecords", "route53", "existing records, and their owners", "ListResourceRecordSets", feature="dns", resources=ZONES),
    *rows(
        "ChangeRecords",
        "route53",
        "aliases to load balancers; limit it to your zones",
        "ChangeResourceRecordSets",
        feature="dns",
        resources=ZONES,
        condition=ALIASES,
    ),
)
