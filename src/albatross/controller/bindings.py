"""A change in the cluster → the bindings that must be reconciled. This is the index of the targets loop."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from albatross.controller.relation import Relation
from albatross.controller.waits import GateWaits
from albatross.kube.cache import Cache, Change
from albatross.model.snapshot import EndpointSlice, Key, Node, Pod, Service, TargetGroupBinding
from albatross.planner import readiness, targets

KIND = "TargetGroupBinding"


@dataclass
class BindingIndex:
    """Knows the bindings of each Service. It is updated with every change of the cache.

    `opening`: the bindings that open ports. `waiting`: for each pod that an EndpointSlice names but that is not in the cache yet, the
    bindings that wait for it.
    """

    cache: Cache
    waits: GateWaits = field(default_factory=GateWaits)
    opening: set[Key] = field(default_factory=set)
    waiting: dict[Key, set[Key]] = field(default_factory=dict)
    _services: Relation[Key, Key] = field(default_factory=Relation)

    def __post_init__(self) -> None:
        for key, binding in self._bindings():
            self._note(Change(KIND, key, None, binding))

    def wakes(self, change: Change) -> Iterable[Key]:
        """Update the index with a change, and return the bindings that it affects. Call it for every change, in order."""
        noun = change.new or change.old
        match noun:
            case TargetGroupBinding():
                self._note(change)
                return [change.key]
            case EndpointSlice():
                return self._of_service((noun.namespace, noun.service), "ip")
            case Service():
                return self._of_service(change.key, "") if _offer(change.old) != _offer(change.new) else []
            case Node():
                return [key for key, each in self._bindings() if each.target_type == "instance" and _flips(each, change)]
            case Pod():
                return self._of_pod(noun, change)
            case _:
                return []

    def wait(self, pods: Iterable[Key], binding: Key) -> None:
        """Wake a binding when one of these pods is in the cache."""
        for pod in pods:
            self.waiting.setdefault(pod, set()).add(binding)

    def _of_pod(self, pod: Pod, change: Change) -> set[Key]:
        if change.new is None:
            self.waits.forget(change.key)
        names = [gate.removeprefix(readiness.PREFIX) for gate in pod.readiness_gates if gate.startswith(readiness.PREFIX)]
        return {(pod.namespace, name) for name in names} | self.waiting.pop(change.key, set())

    def _note(self, change: Change) -> None:
        """Update the bindings of each Service, and the bindings that open ports."""
        self._services.drop(_service(change.old), change.key)
        self._services.add(_service(change.new), change.key)
        self.opening.discard(change.key)
        new = change.new
        if isinstance(new, TargetGroupBinding) and new.networking and not new.metadata.deleting:
            self.opening.add(change.key)

    def _bindings(self) -> Iterator[tuple[Key, TargetGroupBinding]]:
        yield from self.cache.objects(KIND).items()

    def _of_service(self, service: Key, kind: str) -> list[Key]:
        found = {key: self.cache.get(KIND, key) for key in self._services.of(service)}
        return [key for key, binding in found.items() if binding and kind in ("", binding.target_type)]


def _service(binding: object) -> tuple[Key, ...]:
    return ((binding.metadata.namespace, binding.service),) if isinstance(binding, TargetGroupBinding) else ()


def _flips(binding: TargetGroupBinding, change: Change) -> bool:
    """Whether the change makes a node a target of the binding, removes it as a target, or changes it as a target."""

    def takes(node: object) -> object:
        return isinstance(node, Node) and targets.suitable(node, binding.node_selector) and (node.ready, node.provider_id)

    return takes(change.old) != takes(change.new)


def _offer(service: object) -> object:
    """The fields of a Service that decide its targets."""
    return (service.ports, service.type) if isinstance(service, Service) else None
