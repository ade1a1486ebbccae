"""The reasons of AWS for the health of a target: what each means, and what to look at.

The codes are those of `TargetHealth.Reason` in the API reference of Elastic Load Balancing v2; a test compares them with botocore.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SOURCE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
"""Where AWS explains the states and reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason code: the problem that it becomes, its meaning, and what to look at. An empty text: nothing to look at there.

    A code without a problem is not a fault: the target is on its way, or leaves.
    """

    means: str
    problem: str = ""
    pod: str = ""
    node: str = ""
    group: str = ""
    route: str = ""

    @property
    def look(self) -> tuple[str, ...]:
        """What to look at, in this order, with the place in front."""
        places = (("pod", self.pod), ("node", self.node), ("security group", self.group), ("route table", self.route))
        return tuple(f"{place}: {text}" for place, text in places if text)


REASONS: Mapping[str, Reason] = {
    "Elb.RegistrationInProgress": Reason(
        means="the load balancer registers the target; this needs some seconds, for a network load balancer some minutes"
    ),
    "Elb.InitialHealthChecking": Reason(means="the first health checks run, and the target gets no requests before it has passed one"),
    "Elb.InternalError": Reason(
        means="the health checks failed because of an error in AWS",
        problem="LB615",
        node="does the instance run in a zone that the load balancer has a subnet in?",
    ),
    "Target.DeregistrationInProgress": Reason(means="the target leaves: it gets no new requests, and finishes those that it has"),
    "Target.FailedHealthChecks": Reason(
        means="the load balancer reached the target, but got an error or no connection instead of an answer",
        problem="LB611",
        pod="does a container listen on the port of the health check, on all addresses (0.0.0.0) and not only on localhost, and with "
        "the protocol of the health check?",
        node="for instance targets: does kube-proxy answer on the node port, and does externalTrafficPolicy: Local leave this node "
        "without a pod?",
    ),
    "Target.HealthCheckDisabled": Reason(means="the health checks of the target group are off, so the state is unknown", problem="LB615"),
    "Target.InvalidState": Reason(
        means="the instance is stopped or terminated",
        problem="LB615",
        node="is the instance running? The controller removes the target of a node that was deleted",
    ),
    "Target.IpUnusable": Reason(
        means="the address is used by a load balancer, so it cannot be a target",
        problem="LB615",
        pod="does the pod have an address of a load balancer's interface?",
    ),
    "Target.NotInUse": Reason(
        means="no listener rule leads to the target group, or the load balancer has no subnet in the zone of the target",
        problem="LB614",
        node="is the zone of the target one of the zones of the load balancer?",
    ),
    "Target.NotRegistered": Reason(means="the target is not registered in this target group", problem="LB615"),
    "Target.ResponseCodeMismatch": Reason(
        means="the target answers, but not with a code that the health check accepts",
        problem="LB610",
        pod="what does the application answer at the path of the health check, without a login and without a Host header?",
    ),
    "Target.Timeout": Reason(
        means="the target did not answer the health check in time",
        problem="LB612",
        pod="does the application answer within the timeout? Look at its CPU limit, and at what the path of the health check does",
        node="is the node ready, and does a NetworkPolicy let the load balancer in?",
        group="do the security groups of the pod or of the node allow the port from the security group of the load balancer?",
        route="does the subnet of the target have a route to the subnets of the load balancer, and do the network ACLs allow both ways?",
    ),
}
"""By code."""
