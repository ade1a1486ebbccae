"""Pods with addresses outside of the VPC: an overlay network."""

from collections.abc import Iterator

from albatross.diagnose import firewall
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Origin, VpcFact, answered


def check(evidence: Evidence) -> Iterator[Cause]:
    """Pods with addresses that the VPC does not have."""
    cidrs = [cidr for each in answered(evidence, VpcFact) for cidr in (*each.cidrs, *each.ipv6_cidrs)]
    for each in evidence.of("Pod"):
        address = str((each.get("status") or {}).get("podIP") or "")
        if address and cidrs and not firewall.inside(address, cidrs):
            command = "kubectl annotate ingress -n NAMESPACE NAME --overwrite alb.ingress.kubernetes.io/target-type=instance"
            at = Origin("Pod", each["metadata"]["namespace"], each["metadata"]["name"])
            yield cause("LB657", at, command, address=address, cidrs=", ".join(cidrs), command=command)
            return
