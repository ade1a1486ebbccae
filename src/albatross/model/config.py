"""The controller's own settings, as one immutable value; names, defaults and meanings are rows of `catalog.settings`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GATES: Mapping[str, bool] = {
    "ListenerRulesTagging": True,
    "WeightedTargetGroups": True,
    "EndpointsFailOpen": True,
    "EnableIPTargetType": True,
    "EnableRGTAPI": False,
    "SubnetsClusterTagCheck": True,
    "SubnetDiscoveryByReachability": True,
    "ALBSingleSubnet": False,
    "LBCapacityReservation": True,
    "NLBHealthCheckAdvancedConfig": True,
    "EnhancedDefaultBehavior": False,
    "EnableDefaultTagsLowPriority": False,
    "EnableCertificateManagement": False,
    "IngressPlanAnnotation": False,
    "ALBTargetControlAgent": False,
    "EnableServiceController": True,
    "ServiceTypeLoadBalancerOnly": False,
    "EnableTCPUDPListener": False,
    "NLBSecurityGroup": True,
    "NLBGatewayAPI": True,
    "ALBGatewayAPI": True,
    "GatewayListenerSet": True,
    "GlobalAcceleratorController": False,
}
"""Every feature gate and its default. An unknown gate is an error at start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of the operator. Durations are in seconds; maps have no order. If a limit is None, there is no limit."""

    cluster_name: str
    region: str = ""
    vpc_id: str = ""
    account: str = ""
    ingress_class: str = "alb"
    load_balancer_class: str = "service.k8s.aws/nlb"
    watch_namespace: str = ""
    default_tags: Mapping[str, str] = field(default_factory=dict)
    external_managed_tags: frozenset[str] = frozenset()
    default_target_type: str = "instance"
    default_load_balancer_scheme: str = "internal"
    default_ssl_policy: str = "ELBSecurityPolicy-2016-08"
    default_pca_arn: str = ""
    allowed_certificate_authority_arns: tuple[str, ...] = ()
    service_target_eni_security_group_tags: Mapping[str, str] = field(default_factory=dict)
    enable_backend_security_group: bool = True
    backend_security_group: str = ""
    enable_manage_backend_security_group_rules: bool = False
    disable_restricted_sg_rules: bool = False
    enable_endpoint_slices: bool = True
    max_targets_per_target_group: int = 0
    targetgroupbinding_requeue_seconds: float = 15
    tolerate_non_existent_backend_service: bool = True
    tolerate_non_existent_backend_action: bool = True
    required_secrets_label: str = ""
    enable_waf: bool = True
    enable_wafv2: bool = True
    enable_shield: bool = True
    disable_ingress_class_annotation: bool = False
    disable_ingress_group_name_annotation: bool = False
    enable_pod_readiness_gate_inject: bool = True
    quic_environment_variable_name: str = "AWS_LBC_QUIC_SERVER_ID"
    enable_dns: bool = False
    first_come_hosts: bool = False
    allow_deletions: int | None = 10
    targets_before_rules_seconds: float = 120
    replace_grace_seconds: float = 300
    strict_groups: bool = False
    strict_paths: bool = False
    gates: Mapping[str, bool] = field(default_factory=lambda: dict(GATES))

    def gate(self, name: str) -> bool:
        """Whether a feature gate is on; KeyError for an unknown gate."""
        return self.gates.get(name, GATES[name])
