"""LB199, LB322 to LB325 and LB522: names of load balancers in Route 53."""

from albatross.catalog.problems.row import Example, ProblemRow

_ZONE = "  Config: {PrivateZone: false}\n  Id: /hostedzone/Z1\n"
_ZONES = f"route53.ListHostedZones:\n- Name: example.com.\n{_ZONE}"
_ALIAS = "AliasTarget: {HostedZoneId: Z2, DNSName: other.example.org., EvaluateTargetHealth: true}"
_TAKEN = f"- {{HostedZoneId: Z1, Name: www.example.com., Type: A, {_ALIAS}}}\n"
_OWNED = "- {HostedZoneId: Z1, Name: a-www.example.com., Type: TXT, TTL: 300, ResourceRecords: [{Value: '\"%s\"'}]}\n"
_FOREIGN = "heritage=external-dns,external-dns/owner=other,external-dns/resource=ingress/shop/old"
_OTHER = (
    "heritage=external-dns,external-dns/albatross-stack=ingress.k8s.aws/shop/old,external-dns/owner=albatross/prod-eks,"
    "external-dns/resource=ingress/shop/old"
)


def _asked(dns: str, host: str = "www.example.com") -> str:
    rule = f"  rules:\n  - host: {host}\n" if host else "  rules:\n  - "
    backend = "{service: {name: web, port: {number: 80}}}"
    path = f"http: {{paths: [{{path: /, pathType: Prefix, backend: {backend}}}]}}\n"
    annotations = f"  annotations: {{albatross.dev/dns: '{dns}'}}\n"
    return f"kind: Ingress\nmetadata:\n  name: app\n  namespace: shop\n{annotations}spec:\n{rule}{'    ' if host else ''}{path}"


def _taken(owner: str) -> Example:
    records = f"route53.ListResourceRecordSets:\n{_TAKEN}{_OWNED % owner if owner else ''}"
    return Example(_asked("true"), _asked("false"), account=_ZONES + records)


INPUT: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB199",
        slug="no-host-for-record",
        severity="warning",
        summary="albatross.dev/dns is true, but no rule and no TLS section has a host",
        why="a DNS record needs a name",
        fix="add a host to a rule, or remove the annotation",
        example=Example(_asked("true", ""), _asked("true"), account=_ZONES),
    ),
)

FACTS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB322",
        slug="no-hosted-zone",
        severity="warning",
        summary="no hosted zone of this account holds {host}, so it gets no DNS record",
        why="the record must be in a public hosted zone; for an internal load balancer, in a private zone of its VPC or in a public zone",
        fix='create a hosted zone for the domain, correct the host, or set albatross.dev/dns: "false" and create the record yourself',
        example=Example(_asked("true", "www.example.org"), _asked("true"), account=_ZONES),
        source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-working-with.html",
    ),
    ProblemRow(
        code="LB323",
        slug="record-of-another-owner",
        severity="warning",
        summary="hosted zone {zone} already has record {record}; its owner is {owner}, so it is not changed",
        why="a record that somebody else created is never changed or deleted; weighted, failover and similar records are never ours",
        fix='delete the record and its ownership record {text}, then it is created within two minutes; or set albatross.dev/dns: "false"',
        example=_taken(_FOREIGN),
    ),
    ProblemRow(
        code="LB324",
        slug="name-of-another-load-balancer",
        severity="warning",
        summary="{host} is the name of another load balancer of this cluster; the record belongs to {resource}",
        why="a name leads to one load balancer",
        fix="remove the host from {resource}, and the record follows within a minute; or put both in one group (group.name)",
        example=_taken(_OTHER),
    ),
    ProblemRow(
        code="LB325",
        slug="hosted-zones-refused",
        severity="warning",
        summary='the DNS records are not changed: {operation} was refused: {aws_code} "{text}"',
        why="the names of this Ingress need permissions that are only in a policy with feature dns",
        fix="add them to the controller's role: albatross iam policy --features dns prints them; everything else works without them",
        unshown="it depends on the answer of AWS",
    ),
)

APPLY: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB522",
        slug="records-refused",
        severity="error",
        summary='{what}: {call} was refused: {code} "{said}"',
        why="AWS makes all changes of a call or none; a record has changed since it was read, or another program writes these names",
        fix="wait: the controller reads the records again and retries; if it repeats, find the other program that writes them",
        unshown="it depends on what another program writes in the same second",
        source="https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html",
    ),
)

ROWS: tuple[ProblemRow, ...] = (*INPUT, *FACTS, *APPLY)
