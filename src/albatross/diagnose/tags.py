"""Security groups of the nodes that have the tag of the cluster twice."""

from collections.abc import Iterator

from albatross.diagnose import firewall
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Body, Evidence, Origin


def check(evidence: Evidence) -> Iterator[Cause]:
    """Several security groups of one instance with the tag of the cluster."""
    tag, known = f"kubernetes.io/cluster/{evidence.config.cluster_name}", firewall.table(evidence)
    for each in evidence.aws.instances:
        held = [str(group["GroupId"]) for group in each.get("SecurityGroups") or ()]
        tagged = sorted(one for one in held if one in known and tag in _tags(known[one]))
        if len(tagged) > 1:
            kept = firewall.control(evidence)
            extra = [one for one in tagged if one != kept][-1]
            command = f"aws ec2 delete-tags --region {evidence.config.region} --resources {extra} --tags Key={tag}"
            words = {"ids": ", ".join(tagged), "cluster": evidence.config.cluster_name, "command": command}
            yield cause("LB655", Origin("SecurityGroup", "", extra), command, **words)
            return


def _tags(group: Body) -> set[str]:
    return {str(each["Key"]) for each in group.get("Tags") or ()}
