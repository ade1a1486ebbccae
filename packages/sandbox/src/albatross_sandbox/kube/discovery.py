"""What the server says it serves: legacy and aggregated discovery."""

from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.resources import Registry, Resource, priority
from albatross_sandbox.kube.value import Obj

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_SUBVERBS = {
    "status": ["get", "patch", "update"],
    "scale": ["get", "patch", "update"],
    "finalize": ["update"],
    "log": ["get"],
    "eviction": ["create"],
    "binding": ["create"],
    "token": ["create"],
}
_SUBKINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
    "binding": ("", "v1", "Binding"),
}
REVIEWS = (
    ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", False),
    ("authentication.k8s.io", "tokenreviews", "TokenReview", False),
    ("authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", True),
    ("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", False),
    ("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", False),
    ("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", False),
)
"""The kinds that can only be created, and are answered at once: group, plural, kind, namespaced; all v1."""


def groups(registry: Registry) -> dict[str, dict[str, list[Resource]]]:
    """Group → version, preferred first → resources; the review groups have none."""
    found = registry.groups()
    for group, *_ in REVIEWS:
        found.setdefault(group, {"v1": []})
    return found


def aggregated(registry: Registry, core: bool) -> Obj:
    """The APIGroupDiscoveryList of the core group or of all others."""
    items = []
    for group, versions in groups(registry).items():
        if (group == "") == core:
            listing = [_version(group, version, resources) for version, resources in versions.items()]
            items.append({"metadata": {"name": group, "creationTimestamp": None}, "versions": listing})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _version(group: str, version: str, resources: list[Resource]) -> Obj:
    found = [_described(resource) for resource in sorted(resources, key=lambda item: item.plural)]
    for owner, plural, kind, namespaced in REVIEWS:
        if owner == group and version == "v1":
            gvk = {"group": group, "version": version, "kind": kind}
            scope = "Namespaced" if namespaced else "Cluster"
            found.append({"resource": plural, "responseKind": gvk, "scope": scope, "singularResource": kind.lower(), "verbs": ["create"]})
    return {"version": version, "freshness": "Current", "resources": found}


def _described(resource: Resource) -> Obj:
    own = (resource.group, resource.version, resource.kind)
    found: Obj = {
        "resource": resource.plural,
        "responseKind": _gvk(own),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.name,
        "verbs": _VERBS,
    }
    if resource.short:
        found["shortNames"] = list(resource.short)
    if resource.categories:
        found["categories"] = list(resource.categories)
    if resource.subresources:
        found["subresources"] = [
            {"subresource": name, "responseKind": _gvk(_SUBKINDS.get(name, own)), "verbs": _SUBVERBS[name]}
            for name in resource.subresources
        ]
    return found


def _gvk(kind: tuple[str, str, str]) -> Obj:
    return dict(zip(("group", "version", "kind"), kind, strict=True))


def listing(registry: Registry, group: str, version: str) -> Obj:
    """The APIResourceList of one group and version."""
    resources = groups(registry).get(group, {}).get(version)
    if resources is None:
        raise Fault(404, "NotFound", "the server could not find the requested resource")
    found = [line for resource in sorted(resources, key=lambda item: item.plural) for line in _lines(resource)]
    for owner, plural, kind, namespaced in REVIEWS:
        if owner == group and version == "v1":
            found.append({"name": plural, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind, "verbs": ["create"]})
    api = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api, "resources": found}


def _lines(resource: Resource) -> list[Obj]:
    base: Obj = {"namespaced": resource.namespaced, "kind": resource.kind}
    main: Obj = {"name": resource.plural, "singularName": resource.name, **base, "verbs": _VERBS}
    if resource.short:
        main["shortNames"] = list(resource.short)
    if resource.categories:
        main["categories"] = list(resource.categories)
    found = [main]
    for name in resource.subresources:
        line: Obj = {"name": f"{resource.plural}/{name}", "singularName": "", **base, "verbs": _SUBVERBS[name]}
        if name in _SUBKINDS:
            group, version, kind = _SUBKINDS[name]
            line.update({"group": group, "version": version, "kind": kind})
        found.append(line)
    return found


def group(registry: Registry, name: str) -> Obj:
    """The APIGroup of a name."""
    versions = groups(registry).get(name)
    if versions is None or not name:
        raise Fault(404, "NotFound", "the server could not find the requested resource")
    found = [{"groupVersion": f"{name}/{version}", "version": version} for version in sorted(versions, key=priority)]
    return {"kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": found, "preferredVersion": found[0]}


def group_list(registry: Registry) -> Obj:
    """The APIGroupList."""
    found = [group(registry, name) for name in groups(registry) if name]
    for item in found:
        del item["kind"], item["apiVersion"]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def versions(server: str) -> Obj:
    """The APIVersions of the core group."""
    address = [{"clientCIDR": "0.0.0.0/0", "serverAddress": server.removeprefix("https://")}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": address}
