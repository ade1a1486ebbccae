"""What the controller may do in the cluster: the roles and their bindings."""

from collections.abc import Iterator, Sequence

from albatross.install.installation import ACCOUNT, LEASE, NAME, Body, Installation, Item, metadata

API = "rbac.authorization.k8s.io"


def _rule(group: str, resources: str, verbs: str, names: Sequence[str] = ()) -> Body:
    found: Body = {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}
    return found | ({"resourceNames": list(names)} if names else {})


CLUSTER = (
    _rule("", "namespaces nodes pods", "get list watch"),
    _rule("", "services", "get list watch patch update"),
    _rule("", "pods/status services/status", "patch update"),
    _rule("", "events", "create patch"),
    _rule("discovery.k8s.io", "endpointslices", "get list watch"),
    _rule("networking.k8s.io", "ingresses", "get list watch patch update"),
    _rule("networking.k8s.io", "ingresses/status", "patch update"),
    _rule("networking.k8s.io", "ingressclasses", "get list watch"),
    _rule("elbv2.k8s.aws", "ingressclassparams", "get list watch"),
    _rule("elbv2.k8s.aws", "targetgroupbindings", "create delete get list watch patch update"),
    _rule("elbv2.k8s.aws", "targetgroupbindings/status", "patch update"),
    _rule(
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        "get patch",
        ("ingressclassparams.elbv2.k8s.aws", "targetgroupbindings.elbv2.k8s.aws"),
    ),
)
LEADER = (
    _rule("coordination.k8s.io", "leases", "create"),
    _rule("coordination.k8s.io", "leases", "get patch update", (LEASE,)),
)


def objects(given: Installation) -> Iterator[Item]:
    """A ClusterRole and a Role, each with its binding."""
    yield from _pair("Cluster", "", CLUSTER, "What the controller reads and writes in all namespaces. No rule allows Secrets.", given)
    yield from _pair("", given.namespace, LEADER, "The Lease that decides which replica works.", given)


def _pair(scope: str, namespace: str, rules: Sequence[Body], why: str, given: Installation) -> Iterator[Item]:
    head = {"apiVersion": f"{API}/v1", "kind": f"{scope}Role", "metadata": metadata(NAME, namespace)}
    yield Item(why, {**head, "rules": list(rules)})
    binding = {
        "apiVersion": f"{API}/v1",
        "kind": f"{scope}RoleBinding",
        "metadata": metadata(NAME, namespace),
        "roleRef": {"apiGroup": API, "kind": f"{scope}Role", "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": given.namespace}],
    }
    yield Item(f"Gives the {scope}Role to the ServiceAccount of the pods.", binding)
