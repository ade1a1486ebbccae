"""The kinds the server knows: built in, and those that custom resource definitions add while it runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from albatross_sandbox.kube.value import Obj, dig

ALL = ("all",)
STATUS = ("status",)


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One kind in one version."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    custom: bool = False
    singular: str = ""
    store: str = ""  # the kind key under which its objects are kept: several versions, and both kinds of events, share one
    schema: Obj = field(default_factory=dict)  # of a custom resource; built-in ones find theirs by name
    columns: tuple[Obj, ...] = ()
    scale: Obj = field(default_factory=dict)  # the scale paths of a custom resource
    stored_version: str = ""  # the version in which a custom resource is kept

    @property
    def key(self) -> str:
        """`pods`, `deployments.apps`: the name of the kind everywhere in this server."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        """`v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def kept(self) -> str:
        """The key of the store that holds the objects."""
        return self.store or self.key

    @property
    def name(self) -> str:
        """The singular, lower case name."""
        return self.singular or self.kind.lower()


def _builtin() -> list[Resource]:
    scaled = ("status", "scale")
    core = [
        Resource("", "v1", "namespaces", "Namespace", False, ("ns",), subresources=("status", "finalize")),
        Resource("", "v1", "pods", "Pod", True, ("po",), ALL, ("status", "log", "eviction", "binding")),
        Resource("", "v1", "services", "Service", True, ("svc",), ALL, STATUS),
        Resource("", "v1", "nodes", "Node", False, ("no",), (), STATUS),
        Resource("", "v1", "secrets", "Secret"),
        Resource("", "v1", "configmaps", "ConfigMap", True, ("cm",)),
        Resource("", "v1", "events", "Event", True, ("ev",)),
        Resource("", "v1", "endpoints", "Endpoints", True, ("ep",), singular="endpoints"),
        Resource("", "v1", "serviceaccounts", "ServiceAccount", True, ("sa",), subresources=("token",)),
    ]
    hooks, rbac = "admissionregistration.k8s.io", "rbac.authorization.k8s.io"
    rest = [
        Resource("apps", "v1", "deployments", "Deployment", True, ("deploy",), ALL, scaled),
        Resource("apps", "v1", "replicasets", "ReplicaSet", True, ("rs",), ALL, scaled),
        Resource("events.k8s.io", "v1", "events", "Event", True, ("ev",), store="events"),
        Resource("networking.k8s.io", "v1", "ingresses", "Ingress", True, ("ing",), (), STATUS),
        Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False),
        Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
        Resource("coordination.k8s.io", "v1", "leases", "Lease"),
        Resource(
            "apiextensions.k8s.io",
            "v1",
            "customresourcedefinitions",
            "CustomResourceDefinition",
            False,
            ("crd", "crds"),
            ("api-extensions",),
            STATUS,
        ),
        Resource(hooks, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False, (), ("api-extensions",)),
        Resource(hooks, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False, (), ("api-extensions",)),
        Resource(rbac, "v1", "clusterroles", "ClusterRole", False),
        Resource(rbac, "v1", "clusterrolebindings", "ClusterRoleBinding", False),
        Resource(rbac, "v1", "roles", "Role"),
        Resource(rbac, "v1", "rolebindings", "RoleBinding"),
        Resource("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False, ("pc",)),
        Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", True, ("pdb",), (), STATUS),
    ]
    return core + rest


_VERSION = re.compile(r"^v(\d+)(?:(alpha|beta)(\d+))?$")


def priority(version: str) -> tuple[int, int, int]:
    """A sort key that puts the preferred version first: stable before beta before alpha, newest first."""
    found = _VERSION.match(version)
    if not found:
        return (3, 0, 0)
    stage = {None: 0, "beta": 1, "alpha": 2}[found[2]]
    return (stage, -int(found[1]), -int(found[3] or 0))


class Registry:
    """All resources served now, found by path, by key or by kind."""

    def __init__(self) -> None:
        self.version = 0  # moves with every change, so that discovery answers can be kept
        self._paths: dict[tuple[str, str, str], Resource] = {}
        self._keys: dict[str, Resource] = {}
        self._kinds: dict[tuple[str, str], Resource] = {}
        for resource in _builtin():
            self.add(resource)

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self._paths.values()))

    def add(self, resource: Resource) -> None:
        """Serve a resource, replacing its former self."""
        self.version += 1
        self._paths[(resource.group, resource.version, resource.plural)] = resource
        self._kinds[(resource.api_version, resource.kind)] = resource
        present = self._keys.get(resource.key)
        if present is None or priority(resource.version) <= priority(present.version):
            self._keys[resource.key] = resource

    def remove(self, group: str, plural: str) -> None:
        """Serve no version of a resource any more."""
        self.version += 1
        for path in [path for path in self._paths if path[0] == group and path[2] == plural]:
            gone = self._paths.pop(path)
            self._keys.pop(gone.key, None)
            self._kinds.pop((gone.api_version, gone.kind), None)

    def at(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource at a path, or None."""
        return self._paths.get((group, version, plural))

    def of(self, key: str) -> Resource:
        """The preferred version of a kind key; KeyError where no such kind is served."""
        return self._keys[key]

    def has(self, key: str) -> bool:
        """Whether a kind key is served."""
        return key in self._keys

    def of_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of an object's `apiVersion` and `kind`, or None."""
        return self._kinds.get((api_version, kind))

    def stores(self) -> list[Resource]:
        """One resource a store: the preferred version, and only one of two kinds that share their objects."""
        return [resource for resource in self._keys.values() if resource.kept == resource.key]

    def groups(self) -> dict[str, dict[str, list[Resource]]]:
        """Group → version, preferred first → resources."""
        found: dict[str, dict[str, list[Resource]]] = {}
        for resource in self._paths.values():
            found.setdefault(resource.group, {}).setdefault(resource.version, []).append(resource)
        return {group: dict(sorted(versions.items(), key=lambda item: priority(item[0]))) for group, versions in found.items()}

    def define(self, definition: Obj) -> None:
        """Serve what a CustomResourceDefinition defines, and no more what it defined before."""
        spec = definition["spec"]
        self.remove(spec["group"], spec["names"]["plural"])
        for version in spec["versions"]:
            if version.get("served"):
                self.add(custom(spec, version))


def custom(spec: Obj, version: Obj) -> Resource:
    """The resource that one version of a CustomResourceDefinition's spec describes."""
    names, subresources = spec["names"], version.get("subresources") or {}
    return Resource(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        kind=names["kind"],
        namespaced=spec.get("scope") == "Namespaced",
        short=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=tuple(name for name in ("status", "scale") if subresources.get(name) is not None),
        custom=True,
        singular=names.get("singular") or names["kind"].lower(),
        schema=dig(version, "schema", "openAPIV3Schema", default={}),
        columns=tuple(version.get("additionalPrinterColumns") or ()),
        scale=subresources.get("scale") or {},
        stored_version=next((item["name"] for item in spec["versions"] if item.get("storage")), version["name"]),
    )
