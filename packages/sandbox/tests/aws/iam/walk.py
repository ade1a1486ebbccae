"""The calls of a load balancer's life with all that may be around it, and which rows of the product's permissions each one needs."""

from dataclasses import dataclass, field
from typing import Any

from albatross.catalog.permissions import PERMISSIONS, CallPermission

Account = Any

CLUSTER = "elbv2.k8s.aws/cluster"
TAGS = [{"Key": CLUSTER, "Value": "sandbox"}]
OTHER = [{"Key": "team", "Value": "blue"}]
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}
PREFIXES = {"elbv2": "elasticloadbalancing"}

LEFT_OUT = ("given-target-groups", "dns", "command-line")
"""Features that the walk does not use: they allow what other features allow too, or are not the controller's."""
ROWS = tuple(row for row in PERMISSIONS if row.feature not in LEFT_OUT)

_BY_ACTION = [row.action for row in ROWS]
_LOOKS = {f"ec2:Describe{name}" for name in ("AccountAttributes", "InternetGateways", "Subnets", "Vpcs", "SecurityGroups")}
_NEW, _OWN, _BELOW = "elasticloadbalancing:AddTags@TagAtCreation", "TagOwn", "TagListeners"
_NEW_BELOW = "elasticloadbalancing:AddTags@TagListenersAtCreation"
_SET_ACL = {"elasticloadbalancing:SetWebAcl"}

BESIDE: dict[str, set[str]] = {
    "CreateSecurityGroup": {"ec2:CreateTags@TagSecurityGroupsAtCreation"},
    "CreateLoadBalancer": {_NEW, *_LOOKS},
    "CreateTargetGroup": {_NEW},
    "CreateListener": {_NEW_BELOW},
    "CreateRule": {_NEW_BELOW},
    "SetSubnets": {"ec2:DescribeSubnets"},
    "SetSecurityGroups": {"ec2:DescribeSecurityGroups"},
    "RequestCertificate": {"acm:AddTagsToCertificate"},
    "AssociateWebACL": _SET_ACL,
    "DisassociateWebACL": _SET_ACL,
    "GetWebACLForResource": {"wafv2:GetWebACL"},
}
"""What an operation needs beside the row of its own name; a row of several with its action is told by its statement."""


def label(row: CallPermission) -> str:
    """What a row is called here."""
    return row.action if _BY_ACTION.count(row.action) == 1 else f"{row.action}@{row.sid}"


@dataclass
class Walk:
    """Calls as a role makes them; the administrator makes those that it is refused, so that the walk goes on."""

    account: Account
    role: Account
    asked: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def call(self, service: str, name: str, sid: str = "", **given: Any) -> Any:
        """One call; `sid` tells which of several rows it is for."""
        client = self.role.client(service)
        operation = client.meta.method_to_api_mapping[name]
        action = f"{PREFIXES.get(service, service)}:{operation}"
        step = f"{action}@{sid}" if sid else action
        self.asked[step] = {step, *BESIDE.get(operation, set())} - ({"wafv2:GetWebACL"} if service == "waf-regional" else set())
        try:
            return getattr(client, name)(**given)
        except client.exceptions.ClientError as error:
            told = error.response["Error"]
            if told["Code"] not in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"):
                raise
            self.refused[step] = told["Message"]
            return getattr(self.account.client(service), name)(**given)

    def run(self) -> None:
        """The whole life."""
        self._look()
        group = self._group()
        lb, target_group = self._balancer(group)
        self._listeners(lb, target_group)
        self._beside(lb)
        self.call("elbv2", "delete_load_balancer", LoadBalancerArn=lb)
        self.call("elbv2", "delete_target_group", TargetGroupArn=target_group)
        self.account.advance(5)  # the load balancer's interfaces are let go
        self.call("ec2", "delete_security_group", GroupId=group)

    def _look(self) -> None:
        for name in ("availability_zones", "instances", "network_interfaces", "route_tables", "security_groups", "subnets", "vpcs"):
            self.call("ec2", f"describe_{name}")
        for name in ("load_balancers", "target_groups", "trust_stores"):
            self.call("elbv2", f"describe_{name}")
        self.call("sts", "get_caller_identity")

    def _group(self) -> str:
        given = {"GroupName": self.account.name("sg"), "Description": "x", "VpcId": self.account.ready["vpc_id"]}
        tags = [{"ResourceType": "security-group", "Tags": TAGS}]
        group = str(self.call("ec2", "create_security_group", **given, TagSpecifications=tags)["GroupId"])
        rules = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        for sid, opened in (("OpenOwnPorts", group), ("OpenTargetPorts", self.account.ready["security_groups"]["node"])):
            self.call("ec2", "authorize_security_group_ingress", sid, GroupId=opened, IpPermissions=rules)
            self.call("ec2", "revoke_security_group_ingress", sid, GroupId=opened, IpPermissions=rules)
        self.call("ec2", "create_tags", "TagSecurityGroups", Resources=[group], Tags=OTHER)
        self.call("ec2", "delete_tags", Resources=[group], Tags=[{"Key": "team"}])
        return group

    def _balancer(self, group: str) -> tuple[str, str]:
        subnets, vpc = self.account.subnets(), self.account.ready["vpc_id"]
        made = self.call("elbv2", "create_load_balancer", Name=self.account.name("lb"), Subnets=subnets, SecurityGroups=[group], Tags=TAGS)
        lb = made["LoadBalancers"][0]["LoadBalancerArn"]
        given = {"Name": self.account.name("tg"), "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "TargetType": "ip", "Tags": TAGS}
        target_group = self.call("elbv2", "create_target_group", **given)["TargetGroups"][0]["TargetGroupArn"]
        about: dict[str, Any] = {"TargetGroupArn": target_group}
        self.call("elbv2", "describe_tags", ResourceArns=[lb, target_group])
        self.call("elbv2", "add_tags", _OWN, ResourceArns=[lb, target_group], Tags=OTHER)
        self.call("elbv2", "remove_tags", _OWN, ResourceArns=[lb, target_group], TagKeys=["team"])
        for name in ("load_balancer_attributes", "capacity_reservation"):
            self.call("elbv2", f"describe_{name}", LoadBalancerArn=lb)
        self.call(
            "elbv2",
            "modify_load_balancer_attributes",
            LoadBalancerArn=lb,
            Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "61"}],
        )
        self.call("elbv2", "set_security_groups", LoadBalancerArn=lb, SecurityGroups=[group])
        self.call("elbv2", "set_subnets", LoadBalancerArn=lb, Subnets=subnets)
        self.call("elbv2", "set_ip_address_type", LoadBalancerArn=lb, IpAddressType="ipv4")
        self.call("elbv2", "modify_target_group", **about, HealthCheckPath="/healthz")
        self.call(
            "elbv2", "modify_target_group_attributes", **about, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}]
        )
        self.call("elbv2", "describe_target_group_attributes", **about)
        target = [{"Id": self.account.ready["nodes"][0]["private_ip"], "Port": 80}]
        self.call("elbv2", "register_targets", **about, Targets=target)
        self.call("elbv2", "describe_target_health", **about)
        self.call("elbv2", "deregister_targets", **about, Targets=target)
        return lb, target_group

    def _listeners(self, lb: str, target_group: str) -> None:
        certificates = [{"CertificateArn": each["arn"]} for each in self.account.ready["certificates"]]
        given: dict[str, Any] = {
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": certificates[:1],
            "DefaultActions": [FIXED],
            "Tags": TAGS,
        }
        listener = self.call("elbv2", "create_listener", LoadBalancerArn=lb, **given)["Listeners"][0]["ListenerArn"]
        forward = [{"Type": "forward", "TargetGroupArn": target_group}]
        about: dict[str, Any] = {"ListenerArn": listener}
        wanted: dict[str, Any] = {
            "Priority": 1,
            "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
            "Actions": forward,
            "Tags": TAGS,
        }
        rule = self.call("elbv2", "create_rule", **about, **wanted)["Rules"][0]["RuleArn"]
        self.call("elbv2", "add_tags", _BELOW, ResourceArns=[listener, rule], Tags=OTHER)
        self.call("elbv2", "remove_tags", _BELOW, ResourceArns=[listener, rule], TagKeys=["team"])
        for name in ("listener_attributes", "listener_certificates", "rules"):
            self.call("elbv2", f"describe_{name}", **about)
        self.call("elbv2", "describe_listeners", LoadBalancerArn=lb)
        self.call("elbv2", "modify_listener", **about, DefaultActions=[FIXED])
        self.call(
            "elbv2", "modify_listener_attributes", **about, Attributes=[{"Key": "routing.http.response.server.enabled", "Value": "false"}]
        )
        self.call("elbv2", "add_listener_certificates", **about, Certificates=certificates[1:])
        self.call("elbv2", "remove_listener_certificates", **about, Certificates=certificates[1:])
        self.call("elbv2", "modify_rule", RuleArn=rule, Actions=forward)
        self.call("elbv2", "set_rule_priorities", RulePriorities=[{"RuleArn": rule, "Priority": 2}])
        self.call("elbv2", "delete_rule", RuleArn=rule)
        self.call("elbv2", "delete_listener", ListenerArn=listener)

    def _beside(self, lb: str) -> None:
        """Certificates, records, web ACLs and Shield."""
        self.call("acm", "list_certificates")
        wanted: dict[str, Any] = {"DomainName": f"{self.account.name('host')}.example.com", "ValidationMethod": "DNS", "Tags": TAGS}
        certificate = self.call("acm", "request_certificate", **wanted)["CertificateArn"]
        for name in ("describe_certificate", "list_tags_for_certificate"):
            self.call("acm", name, CertificateArn=certificate)
        self.call("acm", "add_tags_to_certificate", CertificateArn=certificate, Tags=OTHER)
        self.call("acm", "delete_certificate", CertificateArn=certificate)
        zone = self.call("route53", "list_hosted_zones")["HostedZones"][0]["Id"]
        record = {"Name": f"{self.account.name('r')}.example.com", "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": "127.0.0.1"}]}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        self.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=batch)
        self.call("shield", "get_subscription_state")
        seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
        acl = {"Name": self.account.name("acl"), "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": seen}
        made = self.account.client("wafv2").create_web_acl(**acl)["Summary"]["ARN"]
        self.account.control("waf-regional", {"id": "classic"})
        self.call("wafv2", "list_web_acls", Scope="REGIONAL")
        for service, given in (("wafv2", {"WebACLArn": made}), ("waf-regional", {"WebACLId": "classic"})):
            self.call(service, "associate_web_acl", **given, ResourceArn=lb)
            self.call(service, "get_web_acl_for_resource", ResourceArn=lb)
            self.call(service, "disassociate_web_acl", ResourceArn=lb)
