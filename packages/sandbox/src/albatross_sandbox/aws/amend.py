"""What moto 5.2 gets wrong, put right inside its own process."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any


def apply() -> None:
    """Amend moto's classes; each amendment names what it mends."""
    _ipv6_state()
    _address_filters()
    _whole_rules()
    _name_summaries()
    _validation()
    _plain_names()
    _one_web_acl()
    _managed_policies()
    _service_linked_name()
    _metadata_options()
    _record_sets()
    _found_once()
    _own_tags()


def _ipv6_state() -> None:
    """The state of a subnet's IPv6 block comes out as the text of a dict."""
    from moto.ec2.models.subnets import Subnet

    original: Any = Subnet.__dict__["ipv6_cidr_block_association_set"]
    read = original.fget

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


def _whole_rules() -> None:
    """A refused call leaves its first rules behind, and an accepted one tells of its last permission only."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses.security_groups import SecurityGroups

    def authorizer(name: str) -> Callable[[Any], Any]:
        def authorize(self: Any) -> Any:
            added: list[Any] = []
            for row in self._process_rules_from_querystring():
                added += getattr(self.ec2_backend, name)(**row)[0]
            return ActionResult({"Return": True, "SecurityGroupRules": added})

        return authorize

    patched: Any = SecurityGroups
    for name in ("authorize_security_group_ingress", "authorize_security_group_egress"):
        setattr(patched, name, _or_nothing(authorizer(name)))
    for name in ("revoke_security_group_ingress", "revoke_security_group_egress"):
        setattr(patched, name, _or_nothing(getattr(SecurityGroups, name)))


def _or_nothing(serve: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The call, put back to where it began if it is refused."""

    def call(self: Any) -> Any:
        group = self.ec2_backend.get_security_group_from_id(self._get_param("GroupId") or "")
        before = (list(group.ingress_rules), list(group.egress_rules)) if group else ([], [])
        try:
            return serve(self)
        except Exception:
            if group:
                group.ingress_rules[:], group.egress_rules[:] = before
            raise

    return call


def _name_summaries() -> None:
    """ListCertificates leaves out the names that a certificate is for."""
    from moto.acm.models import CertBundle

    original = CertBundle.describe

    def describe(self: Any) -> dict[str, Any]:
        told: dict[str, Any] = original(self)
        told["Certificate"]["SubjectAlternativeNameSummaries"] = self.sans[:100]
        told["Certificate"]["HasAdditionalSubjectAlternativeNames"] = len(self.sans) > 100
        return told

    patched: Any = CertBundle
    patched.describe = describe


def _validation() -> None:
    """A requested certificate is issued after a minute, whether or not its DNS records exist."""
    from moto.acm.models import CertBundle
    from moto.route53.models import route53_backends

    original = CertBundle.check

    def published(arn: str) -> set[str]:
        zones = [zone for backend in route53_backends[arn.split(":")[4]].values() for zone in backend.zones.values()]
        return {record.name.rstrip(".") for zone in zones for record in zone.rrsets if record.type == "CNAME"}

    def check(self: Any) -> None:
        original(self)
        if self.type == "AMAZON_ISSUED" and self.status == "PENDING_VALIDATION":
            options = self.describe()["Certificate"]["DomainValidationOptions"]
            if {option["ResourceRecord"]["Name"].rstrip(".") for option in options} <= published(self.arn):
                self.status = "ISSUED"

    patched: Any = CertBundle
    patched.check = check


def _one_web_acl() -> None:
    """A resource keeps its first web ACL when another is associated; AWS replaces it."""
    from moto.wafv2.models import WAFV2Backend

    original = WAFV2Backend.associate_web_acl

    def associate(self: Any, web_acl_arn: str, resource_arn: str) -> None:
        if web_acl_arn in self.wacls:
            self.disassociate_web_acl(resource_arn)
        original(self, web_acl_arn, resource_arn)

    patched: Any = WAFV2Backend
    patched.associate_web_acl = associate


def _managed_policies() -> None:
    """AWS's own policies are 1,500, which takes a quarter of a second to load: they are, as soon as somebody names or lists one."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy, IAMBackend

    def load(backend: Any) -> None:
        if not backend.aws_managed_policies:
            rows: dict[str, Any] = json.loads(aws_managed_policies_data)
            made = [AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, row) for name, row in rows.items()]
            backend.aws_managed_policies = made
            backend.managed_policies = {**{policy.arn: policy for policy in made}, **backend.managed_policies}

    def after(original: Any) -> Any:
        def call(self: Any, *given: Any, **named: Any) -> Any:
            load(self)
            return original(self, *given, **named)

        return call

    patched: Any = IAMBackend
    for name in ("attach_role_policy", "attach_user_policy", "attach_group_policy", "get_policy", "get_policy_version", "list_policies"):
        setattr(patched, name, after(getattr(IAMBackend, name)))


def _service_linked_name() -> None:
    """The service-linked role of load balancing is named in lower case."""
    from moto.iam import models

    names: dict[str, str] = vars(models)["SERVICE_NAME_CONVERSION"]
    names["elasticloadbalancing"] = "ElasticLoadBalancing"


def _metadata_options() -> None:
    """Changing one of an instance's metadata options puts the others back to what they are by default."""
    from moto.ec2.models.instances import InstanceBackend

    original: Any = InstanceBackend.modify_instance_metadata_options
    fields = {
        "http_tokens": "http_tokens",
        "hop_limit": "http_put_response_hop_limit",
        "http_endpoint": "http_endpoint",
        "http_protocol": "http_protocol_ipv6",
        "metadata_tags": "instance_metadata_tags",
    }

    def modify(self: Any, instance_id: str, **given: Any) -> Any:
        before = self.get_instance(instance_id).metadata_options
        after = original(self, instance_id, **given)
        for name, kept in fields.items():
            if given.get(name) is None:
                setattr(after, kept, getattr(before, kept))
        return after

    patched: Any = InstanceBackend
    patched.modify_instance_metadata_options = modify


def _plain_names() -> None:
    """Errors name what was not found as Python writes a set."""
    from moto.ec2.exceptions import EC2ClientError

    original: Any = EC2ClientError.__init__

    def init(self: Any, error_type: str, message: str) -> None:
        original(self, error_type, plain_name(message))

    patched: Any = EC2ClientError
    patched.__init__ = init


def plain_name(message: str) -> str:
    """The message with `{'x'}` written as AWS does: 'x'."""
    plain = re.sub(r"'?\{('[^{}]*')\}'?", r"\1", message)
    return re.sub(r"^VpcID ('.*') does not exist\.$", r"The vpc ID \1 does not exist", plain)


def _record_sets() -> None:
    """Changes of record sets are hardly checked, made one by one, and deletions look at earlier requests instead of the records."""
    from moto.route53.exceptions import Route53ClientError
    from moto.route53.models import RecordSet, Route53Backend

    from albatross_sandbox.aws import record

    names = {
        "TTL": "ttl",
        "AliasTarget": "alias_target",
        "SetIdentifier": "set_identifier",
        "Weight": "weight",
        "Region": "region",
        "Failover": "failover",
        "GeoLocation": "geo_location",
        "HealthCheckId": "health_check_id",
        "MultiValueAnswer": "multi_value_answer",
    }

    def listed(each: Any) -> dict[str, Any]:
        more = {field: getattr(each, name) for field, name in names.items()}
        return record.normal({"Name": each.name, "Type": each.type, "ResourceRecords": list(each.records or ()), **more})

    def change(self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zoneid)
        sets = {(each["Name"], each["Type"], each.get("SetIdentifier") or ""): each for each in map(listed, zone.rrsets)}
        batch = record.Batch(record.name(zone.name), zone.resource_id, sets)
        for each in change_list:
            batch.change(each["Action"], each["ResourceRecordSet"])
        if batch.wrong:
            raise Route53ClientError("InvalidChangeBatch", f"[{', '.join(batch.wrong)}]")
        zone.rrsets = [made(each) for each in batch.sets.values()]

    def values(self: Any) -> list[dict[str, str]] | None:
        # A new zone's SOA record is kept in another form than all others, and comes out as the text of a dict.
        return [row if isinstance(row, dict) else {"Value": row} for row in self.records or ()] or None

    made: Any = RecordSet
    made.resource_records = property(values)
    patched: Any = Route53Backend
    patched.change_resource_record_sets = change


def _found_once() -> None:
    """Every call lists moto's folder twice, and every method of the class that serves it: a third of its time."""
    from moto import backends
    from moto.core import responses

    modules: Any = backends
    modules.list_of_moto_modules = cache(lambda names=modules.list_of_moto_modules: frozenset(names()))
    serving: Any = responses
    serving.method_names_from_class = cache(serving.method_names_from_class)


def _own_tags() -> None:
    """A resource finds its own tags by looking at those of all resources, each time somebody asks."""
    from moto.ec2.models.core import TaggedEC2Resource

    def get_tags(self: Any) -> list[dict[str, str]]:
        tags: dict[str, str] = self.ec2_backend.tags.get(self.id, {})
        return [{"key": key, "value": value} for key, value in tags.items()]

    patched: Any = TaggedEC2Resource
    patched.get_tags = get_tags
