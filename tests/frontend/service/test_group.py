"""A Service as a whole: its deletion, annotations that nothing reads, and what AWS refuses; the recorded scenarios say the rest."""

from typing import Any

import pytest
import yaml
from tests.frontend.service.stand import DNS, TCP, built, codes, service
from tests.world import compiled

from albatross.model.resources.stack import Stack


def test_unknown_annotations_of_ours_only() -> None:
    found = built(TCP, scheem="internal", **{"full_azure_load_balancer_internal": "true", "full_load_balancer_source_rangs": "a"})
    assert [dict(each.args)["annotation"] for each in found.problems if each.code == "LB131"] == ["aws-load-balancer-scheem"]
    assert "LB133" in codes(TCP, type="nlb")
    assert "LB133" in codes(TCP, target_node_labels="a=b", nlb_target_type="ip")
    nothing = service(TCP, spec={"ports": []}, healthcheck_path="/")
    assert "LB133" in compiled(nothing).codes


def test_deletion_protection_blocks_the_deletion() -> None:
    meta = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["service.k8s.aws/resources"]}

    def leaving(**given: str) -> tuple[list[str], Stack | None]:
        text = yaml.safe_load(service(TCP, **given))
        text["metadata"] |= meta
        found = compiled(yaml.safe_dump(text))
        return found.codes, found.stacks["shop/net"]

    assert leaving(attributes="deletion_protection.enabled=true") == (["LB214"], None)
    assert leaving(attributes="deletion_protection.enabled=maybe") == (["LB101"], None)
    empty = leaving(attributes="deletion_protection.enabled=false")
    assert empty[0] == []
    assert empty[1] is not None
    assert not empty[1].load_balancers


@pytest.mark.parametrize(
    ("port", "given", "code"),
    [
        ({**TCP, "protocol": "SCTP"}, {}, "LB414"),
        (DNS, {"target_group_attributes": "preserve_client_ip.enabled=false"}, "LB404"),
        (TCP, {"target_group_attributes": "stickiness.type=lb_cookie"}, "LB404"),
        (TCP, {"healthcheck_interval": "10", "healthcheck_timeout": "11"}, "LB409"),
        (TCP, {"scheme": "internet-facing", "subnets": "public-a", "eip_allocations": "eip-1"}, "LB407"),
        (TCP, {"disable_nlb_sg": "true", "inbound_sg_rules_on_private_link_traffic": "on"}, "LB415"),
    ],
)
def test_what_aws_refuses_is_foreseen(port: dict[str, Any], given: dict[str, str], code: str) -> None:
    found = built(port, **given)
    assert code in found.codes
    assert not found.errors
    assert code not in built(TCP, healthcheck_interval="10", healthcheck_timeout="10").codes
