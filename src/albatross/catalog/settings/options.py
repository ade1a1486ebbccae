"""What the process needs to know and no decision does."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of the process that do not change any decision. Durations are in seconds."""

    kubeconfig: str = ""
    context: str = ""
    log_level: str = "info"
    metrics_address: str = ":8080"
    health_address: str = ":61779"
    page_address: str = "127.0.0.1:8088"
    page_hosts: tuple[str, ...] = ()
    page_health_seconds: float = 0
    leader_election: bool = True
    leader_election_id: str = "aws-load-balancer-controller-leader"
    leader_election_namespace: str = ""
    sync_seconds: float = 36_000
    drift_seconds: float = 1800
    group_workers: int = 100
    service_workers: int = 20
    target_workers: int = 100
    target_backoff_seconds: float = 1000
    aws_endpoints: Mapping[str, str] = field(default_factory=dict)
    aws_throttle: str = ""
    aws_share: float = 1.0
    aws_attempts: int = 10
    vpc_tags: Mapping[str, str] = field(default_factory=dict)
    manage_crds: bool = True
    enable_webhooks: bool = True
    webhook_port: int = 9443
    webhook_host: str = ""
    webhook_certificates: str = "auto"
    webhook_folder: str = "/tmp/k8s-webhook-server/serving-certs"
    webhook_certificate: str = "tls.crt"
    webhook_key: str = "tls.key"
    webhook_service: str = "albatross-webhook-service"
    webhook_client_ca: str = ""
