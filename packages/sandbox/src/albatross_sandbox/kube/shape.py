"""What makes an object a valid one of its kind: schema, defaults and validation, in one place for the write pipeline."""

from collections.abc import Callable

from albatross_sandbox.kube import defaults, fault, names, networking, schema, workload
from albatross_sandbox.kube.address import Allocator
from albatross_sandbox.kube.fault import Cause
from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.store import Store
from albatross_sandbox.kube.value import Obj, dig

Check = Callable[[Obj, Obj | None, Allocator], list[Cause]]

CHECKS: dict[str, Check] = {
    "Service": networking.service,
    "Ingress": networking.ingress,
    "IngressClass": networking.ingress_class,
    "EndpointSlice": networking.endpoint_slice,
    "Pod": workload.pod,
    "Deployment": workload.template,
    "ReplicaSet": workload.template,
    "ConfigMap": workload.config_map,
    "Secret": workload.secret,
    "CustomResourceDefinition": workload.definition,
    "MutatingWebhookConfiguration": workload.webhooks,
    "ValidatingWebhookConfiguration": workload.webhooks,
    "RoleBinding": workload.binding,
    "ClusterRoleBinding": workload.binding,
}
STATUS_CHECKS: dict[str, Check] = {"Service": networking.balancer, "Ingress": networking.balancer}
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


class Shape:
    """The judge of shapes for one cluster."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.numbers = Allocator(store)

    def read(self, resource: Resource, obj: Obj, options: Options) -> Obj:
        """Drop or refuse what the kind does not have; a Fault 400 for values of a wrong type."""
        reader = schema.Reader(resource.custom)
        found = reader.read(resource, obj)
        start = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
        if reader.wrong:
            path, have, want = reader.wrong[0]
            raise fault.bad_request(f"{start}json: cannot unmarshal {have} into Go struct field {resource.kind}.{path} of type {want}")
        unknown = [f'unknown field "{path}"' for path in reader.unknown]
        if unknown and options.validation == "Strict":
            raise fault.bad_request(f"{start}strict decoding error: {', '.join(unknown)}")
        if options.validation == "Warn":
            options.warnings.extend(text for text in unknown if text not in options.warnings)
        return found

    def fill(self, resource: Resource, obj: Obj, old: Obj | None) -> None:
        """Write the defaults in."""
        if resource.custom:
            parts = (resource.schema.get("properties") or {}).items()
            schema.fill(obj, {"properties": {name: part for name, part in parts if name not in ("apiVersion", "kind", "metadata")}})
            return
        if resource.kind in defaults.KINDS:
            defaults.KINDS[resource.kind](obj, old, self.numbers)
        if resource.kind == "Ingress" and old is None:
            self._ingress_class(obj)

    def check(self, resource: Resource, obj: Obj, old: Obj | None, subresource: str) -> None:
        """Refuse an invalid object with a Fault 422."""
        causes = names.metadata(obj, old)
        checks = STATUS_CHECKS if subresource == "status" else CHECKS
        if not resource.custom and resource.kind in checks:
            causes += checks[resource.kind](obj, old, self.numbers)
        known = {cause.field for cause in causes}
        causes += [cause for cause in schema.Judge(resource.custom).judge(resource, obj) if not _covered(cause.field, known)]
        if causes:
            raise fault.invalid(resource.kind, resource.group, obj["metadata"].get("name") or "", causes)

    def _ingress_class(self, obj: Obj) -> None:
        """Give an Ingress without a class the default one, as the admission plugin DefaultIngressClass does."""
        spec = obj["spec"]
        if spec.get("ingressClassName") is not None or "kubernetes.io/ingress.class" in dig(obj, "metadata", "annotations", default={}):
            return
        classes = [entry.obj() for entry in self._store.scan("ingressclasses.networking.k8s.io")]
        chosen = [item for item in classes if dig(item, "metadata", "annotations", _DEFAULT_CLASS) == "true"]
        if chosen:
            newest = max(chosen, key=lambda item: (item["metadata"]["creationTimestamp"], item["metadata"]["name"]))
            spec["ingressClassName"] = newest["metadata"]["name"]


def _covered(path: str, known: set[str]) -> bool:
    """Whether the hand-written checks have said something of a field, or of what it stands in."""
    return any(path == item or path.startswith((f"{item}.", f"{item}[")) or item.startswith((f"{path}.", f"{path}[")) for item in known)
