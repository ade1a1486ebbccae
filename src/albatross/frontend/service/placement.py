"""Whether a Service is ours. Each Service has a stack of its own."""

from albatross.catalog import tracking
from albatross.catalog.annotations.service import TARGET_TYPE, TYPE
from albatross.frontend.group import Placement, Root
from albatross.frontend.reader import place as annotation
from albatross.model.config import Config
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Service, Snapshot

BALANCED = "LoadBalancer"
"""The type of a Service with a load balancer."""
EXTERNAL, POD_TARGETS = "external", "nlb-ip"
TARGET_TYPES = ("ip", "instance")


def place(noun: Root, snapshot: Snapshot, config: Config) -> Placement:
    """The placement of a Service. It depends on the Service only. If the frontend is off, its finalizers stay too."""
    assert isinstance(noun, Service), "the only kind with a stack of this owner"
    ident = origin(noun).ident
    if not config.gate("EnableServiceController"):
        return Placement(ident=ident)
    mine = ours(noun, config)
    return Placement(
        ident=ident,
        stack=StackId(tracking.SERVICE, *noun.metadata.key) if mine else None,
        problems=() if mine else _nobody(noun, config),
        held=tracking.held(tracking.SERVICE, noun.metadata.key, noun.metadata.finalizers),
    )


def origin(service: Service) -> Origin:
    """The origin of problems in a Service."""
    return Origin("Service", service.metadata.namespace, service.metadata.name)


def ours(service: Service, config: Config) -> bool:
    """Whether this controller creates a load balancer for the Service. If it has a class, only the class decides."""
    if service.metadata.deleting or not _considered(service, config):
        return False
    if service.load_balancer_class is not None:
        return service.load_balancer_class == config.load_balancer_class
    kind = service.metadata.annotations.get(TYPE.key)
    return kind == POD_TARGETS or (kind == EXTERNAL and service.metadata.annotations.get(TARGET_TYPE.key) in TARGET_TYPES)


def _considered(service: Service, config: Config) -> bool:
    return service.type == BALANCED or not config.gate("ServiceTypeLoadBalancerOnly")


def _nobody(service: Service, config: Config) -> tuple[Problem, ...]:
    """The type says that the cloud provider of the cluster must not create a load balancer, but without a target type we do not either."""
    written = service.metadata.annotations
    forgotten = service.load_balancer_class is None and written.get(TYPE.key) == EXTERNAL
    if service.metadata.deleting or not forgotten or not _considered(service, config):
        return ()
    value = written.get(TARGET_TYPE.key)
    said = f'"{value}"' if value is not None else "missing"
    return (Problem("LB217", annotation(origin(service), TYPE.key), (("value", said),)),)
