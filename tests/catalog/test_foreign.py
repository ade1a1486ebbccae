import pytest

from albatross.catalog.foreign import owner, successor


@pytest.mark.parametrize(
    ("key", "ours"),
    [
        ("nginx.ingress.kubernetes.io/force-ssl-redirect", "ssl-redirect"),
        ("nginx.ingress.kubernetes.io/server-snippet", ""),
        ("service.beta.kubernetes.io/aws-load-balancer-eip-allocations", "frontend-nlb-eip-allocations"),
        ("service.beta.kubernetes.io/aws-load-balancer-ssl-cert", ""),
        ("service.beta.kubernetes.io/aws-load-balancer-target-group-attributes", "target-group-attributes"),
        ("alb.ingress.kubernetes.io/Port", "listen-ports"),
        ("alb.ingress.kubernetes.io/scheme", ""),
        ("example.com/scheme", ""),
    ],
)
def test_the_annotation_that_replaces_another(key: str, ours: str) -> None:
    assert successor(key) == ours


def test_who_reads_a_foreign_annotation() -> None:
    assert owner("nginx.ingress.kubernetes.io/use-regex") == "ingress-nginx"
    assert owner("alb.ingress.kubernetes.io/scheme") == ""
