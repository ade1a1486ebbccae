"""What the policies of the role lack for the objects in the cluster."""

from collections.abc import Iterator

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Origin, plans
from albatross.install.compare import Difference, differences
from albatross.install.features import roles, used
from albatross.install.policy import statements

SHOWN = 5
"""Actions in one message; more are counted."""


def lacking(evidence: Evidence) -> tuple[Difference, ...]:
    """The actions that the controller needs now and that its role may not do."""
    role = evidence.aws.role
    if role is None or not role.arn:
        return ()
    bindings = evidence.snapshot.bindings.values()
    features = used((each.prepared.intent for each in plans(evidence)), bindings)
    needed = statements(features, evidence.config.cluster_name, roles=roles(bindings), scope="account")
    return tuple(each for each in differences(needed, role.policies) if each.kind in ("missing", "denied"))


def check(evidence: Evidence) -> Iterator[Cause]:
    """All of them, as one cause."""
    found = lacking(evidence)
    if not found or evidence.aws.role is None:
        return
    role, cluster = evidence.aws.role.name, evidence.config.cluster_name
    actions = list(dict.fromkeys(each.action for each in found))
    more = f" and {len(actions) - SHOWN} more" if len(actions) > SHOWN else ""
    compare = f"albatross iam diff {role} --cluster-name {cluster} --from-cluster"
    write = f"albatross iam policy --cluster-name {cluster} --from-cluster > policy.json"
    put = f"aws iam put-role-policy --role-name {role} --policy-name albatross --policy-document file://policy.json"
    look = [f"{each.action}: {each.why}" for each in found[:SHOWN]]
    words = {"role": role, "actions": ", ".join(actions[:SHOWN]), "more": more, "cluster": cluster, "command": compare}
    yield cause("LB644", Origin("Role", "", role), write, put, look=look, **words)


def remark(evidence: Evidence) -> str:
    """The role that was compared."""
    return f"role {evidence.aws.role.name} has what the objects of this cluster need" if evidence.aws.role else ""
