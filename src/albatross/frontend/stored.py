"""The ports of a Service that the API server gives. A Service in a file does not have them yet."""

from albatross.model.intent import TargetPort
from albatross.model.resources.ref import LATER, Given
from albatross.model.snapshot import Service, ServicePort


def target_port(service: Service, found: ServicePort) -> TargetPort:
    """A port of the Service, with the node port that it has or will have."""
    later = Given(f"node port of {found.name or found.port} {LATER}") if _allocates(service) else 0
    return TargetPort(name=found.name, instance=found.node_port or later, ip=found.target_port)


def check_port(service: Service) -> int | Given:
    """The node port for health checks of nodes that the Service has or will have."""
    return service.health_check_node_port or (0 if service.metadata.stored else Given(f"health check node port {LATER}"))


def _allocates(service: Service) -> bool:
    """Whether the API server will give a node port to each port. A Service with a load balancer can refuse them."""
    balanced = service.type == "LoadBalancer" and service.allocate_node_ports is not False
    return not service.metadata.stored and (service.type == "NodePort" or balanced)
