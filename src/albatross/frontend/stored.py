"""The ports of a Service that the API server gives. A Service in a file does not have them yet."""

from albatross.model.intent import TargetPort
from albatross.model.resources.ref import LATER, Given
from albatross.model.snapshot import Key, Service, ServicePort

TOLD = 50
"""The maximum number of ports in a message (chosen by us)."""


def target_port(service: Service, found: ServicePort) -> TargetPort:
    """A port of the Service, with the node port that it has or will have."""
    later = Given(f"node port of {found.name or found.port} {LATER}") if _allocates(service) else 0
    return TargetPort(name=found.name, instance=found.node_port or later, ip=found.target_port)


class Offer:
    """The ports of a Service, for many who look for one of them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.every = tuple(target_port(service, each) for each in service.ports)
        self._found: dict[int | str, ServicePort] = {}
        for each in service.ports:
            self._found.setdefault(each.port, each)
            self._found.setdefault(each.name, each)

    def find(self, port: int | str) -> ServicePort | None:
        """The first port with that number or name."""
        return self._found.get(port)

    def serves(self, found: ServicePort) -> TargetPort:
        """One of the ports, as a target group sees it."""
        return target_port(self._service, found)

    @property
    def listed(self) -> str:
        """The names and numbers of the ports for a message; of many ports, the first."""
        ports = self._service.ports
        known = ", ".join(f"{each.name}:{each.port}" if each.name else str(each.port) for each in ports[:TOLD])
        return (known or "none") + (f" and {len(ports) - TOLD} more" if len(ports) > TOLD else "")


class Offers:
    """The ports of Services, each read once."""

    def __init__(self) -> None:
        self._found: dict[Key, Offer] = {}

    def of(self, service: Service) -> Offer:
        """The ports of a Service."""
        if service.metadata.key not in self._found:
            self._found[service.metadata.key] = Offer(service)
        return self._found[service.metadata.key]


def check_port(service: Service) -> int | Given:
    """The node port for health checks of nodes that the Service has or will have."""
    return service.health_check_node_port or (0 if service.metadata.stored else Given(f"health check node port {LATER}"))


def _allocates(service: Service) -> bool:
    """Whether the API server will give a node port to each port. A Service with a load balancer can refuse them."""
    balanced = service.type == "LoadBalancer" and service.allocate_node_ports is not False
    return not service.metadata.stored and (service.type == "NodePort" or balanced)
