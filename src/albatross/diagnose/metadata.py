"""Instance metadata: pods reach it only with a hop limit of 2 or more."""

from collections.abc import Iterator

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Origin
from albatross.diagnose.identity import annotation


def check(evidence: Evidence) -> Iterator[Cause]:
    """Instance metadata that pods do not reach, if the controller has no role of its own."""
    if annotation(evidence) or evidence.aws.associations:
        return
    near = [each for each in evidence.aws.instances if (each.get("MetadataOptions") or {}).get("HttpPutResponseHopLimit") == 1]
    if near:
        names = [str(each["InstanceId"]) for each in near]
        command = f"aws ec2 modify-instance-metadata-options --instance-id {names[0]} --http-put-response-hop-limit 2"
        yield cause("LB646", Origin("Instance", "", names[0]), command, nodes=", ".join(names), command=command)
