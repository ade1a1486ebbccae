"""Which controllers run in the cluster, which version they have, and whether they work."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Body, Evidence, Origin, key, labelled
from albatross.install import peer, rollout
from albatross.install.installation import NAME

OURS = "albatross-controller"
"""A part of the name of our image, in every registry."""
TITLES: Mapping[str, str] = {OURS: "Albatross", peer.IMAGE: "AWS Load Balancer Controller"}
"""The controllers that serve the same objects, by a part of the name of their images."""
AUTO = "eks.amazonaws.com/alb"
"""`spec.controller` of an IngressClass of EKS Auto Mode."""
AT = Origin("Deployment", "kube-system", NAME)
"""The place of problems of a controller that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A Deployment of a controller, and its pods. `product` is a key of TITLES."""

    product: str
    deployment: Body
    pods: tuple[Body, ...] = ()

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return key(self.deployment)[0]

    @property
    def name(self) -> str:
        """`namespace/name`."""
        return "/".join(key(self.deployment))

    @property
    def at(self) -> Origin:
        """The place of its problems."""
        return Origin("Deployment", *key(self.deployment))

    @property
    def account(self) -> tuple[str, str]:
        """(namespace, name) of its ServiceAccount."""
        pod = self.deployment["spec"]["template"]["spec"]
        return self.namespace, str(pod.get("serviceAccountName") or "default")

    @property
    def wanted(self) -> int:
        """The number of replicas that it should have."""
        found = self.deployment["spec"].get("replicas")
        return 1 if found is None else int(found)

    @property
    def ready(self) -> int:
        """The number of replicas that are ready."""
        return int((self.deployment.get("status") or {}).get("readyReplicas") or 0)

    @property
    def version(self) -> str:
        """The tag of its image."""
        image = container(self.deployment, self.product).get("image", "").partition("@")[0]
        return str(image.rpartition("/")[2].partition(":")[2]) or "unknown"

    @property
    def settings(self) -> Mapping[str, str]:
        """Its flags."""
        return peer.peer(self.deployment).settings if self.product == peer.IMAGE else peer.parse(_arguments(self.deployment))

    @property
    def words(self) -> str:
        """One line about it."""
        return f"{TITLES[self.product]} {self.version} ({self.name}, {self.ready} of {self.wanted} ready)"


def container(deployment: Body, product: str) -> Body:
    """The container of a controller in a Deployment; empty if there is none."""
    found = [each for each in deployment["spec"]["template"]["spec"]["containers"] if product in str(each.get("image", ""))]
    return found[0] if found else {}


def _arguments(deployment: Body) -> list[str]:
    return [str(each) for each in container(deployment, OURS).get("args") or ()]


def running(deployments: Iterable[Body], pods: Iterable[Body] = ()) -> tuple[Running, ...]:
    """The Deployments of controllers, ours first; those that are scaled to 0 too."""
    every, held = tuple(deployments), tuple(pods)
    found = [(product, each) for product in TITLES for each in every if container(each, product)]
    return tuple(Running(product=product, deployment=each, pods=_pods(each, held)) for product, each in found)


def _pods(deployment: Body, pods: Iterable[Body]) -> tuple[Body, ...]:
    labels = (deployment["spec"].get("selector") or {}).get("matchLabels") or {}
    return labelled(pods, key(deployment)[0], labels)


def known(evidence: Evidence) -> tuple[Running, ...]:
    """The controllers of the cluster."""
    return running(evidence.of("Deployment"), evidence.of("Pod"))


def main(evidence: Evidence) -> Running | None:
    """The controller that is meant if nothing else is said: one of ours, otherwise of the other ones; rather one with replicas."""
    return first(known(evidence))


def first(found: Iterable[Running]) -> Running | None:
    """The same of these controllers, which are in the order of `running`."""
    return min(found, key=lambda each: not each.wanted, default=None)


def words(evidence: Evidence) -> str:
    """The controllers that run, in words."""
    if "controllers" in evidence.unseen:
        return f"which controllers run could not be read ({evidence.unseen['controllers']})"
    found = [each.words for each in known(evidence) if each.wanted] + [AUTO_WORDS] * automatic(evidence)
    if not found and evidence.leader:
        found = [f"one outside of the cluster, {evidence.leader.words}"]
    return f"the controllers that run here: {'; '.join(found)}" if found else "no controller for load balancers runs here"


AUTO_WORDS = "EKS Auto Mode"


def automatic(evidence: Evidence) -> bool:
    """Whether EKS Auto Mode makes load balancers in this cluster."""
    enabled = ((evidence.aws.cluster.get("kubernetesNetworkConfig") or {}).get("elasticLoadBalancing") or {}).get("enabled")
    return bool(enabled) or any(each.controller == AUTO for each in evidence.snapshot.ingress_classes.values())


def log(evidence: Evidence) -> str:
    """The command that shows the log of the controller."""
    found = main(evidence)
    return f"kubectl logs -n {found.namespace} deployment/{key(found.deployment)[1]}" if found else "the log of `albatross run`"


def check(evidence: Evidence) -> Iterator[Cause]:
    """No controller, two controllers, or one that does not get ready."""
    found = known(evidence)
    active = [each for each in found if each.wanted]
    if not active and not evidence.leader:
        yield _none(found)
    if len({each.name for each in active}) > 1:
        yield _several(active)
    for each in active:
        if problem := rollout.look(each.deployment, each.pods, evidence.of("Event"), None).problem:
            yield Cause(problem=problem)


def auto(evidence: Evidence) -> Iterator[Cause]:
    """A note if EKS Auto Mode is there too."""
    if automatic(evidence) and main(evidence):
        yield cause("LB636", AT)


def started(found: Running | None) -> str:
    """The command that starts a controller; without one, the command that installs it."""
    if found is None:
        return "albatross install"
    return f"kubectl scale deployment -n {found.namespace} {key(found.deployment)[1]} --replicas {max(found.wanted, 2)}"


def restart(found: Running) -> str:
    """The command that restarts the pods of a controller."""
    return f"kubectl rollout restart deployment -n {found.namespace} {key(found.deployment)[1]}"


def _none(found: tuple[Running, ...]) -> Cause:
    stopped = next(iter(found), None)
    command, said = started(stopped), f": {stopped.name} has 0 replicas" if stopped else ""
    return cause("LB634", stopped.at if stopped else AT, command, found=said, command=command)


def _several(active: list[Running]) -> Cause:
    other = active[-1]
    command = f"kubectl scale deployment -n {other.namespace} {key(other.deployment)[1]} --replicas 0"
    return cause("LB635", other.at, command, names="; ".join(each.words for each in active), command=command)
