"""Validation of pods, what makes pods, and the smaller kinds."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator

from albatross_sandbox.kube import condition, names, selector
from albatross_sandbox.kube.address import Allocator
from albatross_sandbox.kube.fault import Cause
from albatross_sandbox.kube.schema import quote
from albatross_sandbox.kube.value import Obj, dig

_IMMUTABLE = "field is immutable"
_CHANGEABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def _bad(path: str, value: object, text: str) -> Cause:
    return Cause(path, f"Invalid value: {quote(value)}: {text}")


def pod_spec(spec: Obj, path: str) -> list[Cause]:
    """What is wrong with a pod spec."""
    found: list[Cause] = []
    if not spec.get("containers"):
        found.append(Cause(f"{path}.containers", "Required value"))
    seen: set[str] = set()
    for group in ("initContainers", "containers"):
        for number, container in enumerate(spec.get(group) or ()):
            found += _container(container, f"{path}.{group}[{number}]", seen)
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    for number, container in enumerate(spec.get("containers") or ()):
        for place, mount in enumerate(container.get("volumeMounts") or ()):
            if mount.get("name") not in volumes:
                found.append(Cause(f"{path}.containers[{number}].volumeMounts[{place}].name", f"Not found: {quote(mount.get('name'))}"))
    for number, gate in enumerate(spec.get("readinessGates") or ()):
        found += names.qualified(gate.get("conditionType") or "", f"{path}.readinessGates[{number}].conditionType")
    return found


def _container(container: Obj, path: str, seen: set[str]) -> list[Cause]:
    name, found = container.get("name") or "", []
    found += names.check("label", name, f"{path}.name") if name else [Cause(f"{path}.name", "Required value")]
    if name in seen:
        found.append(Cause(f"{path}.name", f"Duplicate value: {quote(name)}"))
    seen.add(name)
    if not container.get("image"):
        found.append(Cause(f"{path}.image", "Required value"))
    for number, port in enumerate(container.get("ports") or ()):
        if not 0 < (port.get("containerPort") or 0) < 65536:
            text = "must be between 1 and 65535, inclusive"
            found.append(_bad(f"{path}.ports[{number}].containerPort", port.get("containerPort") or 0, text))
        if port.get("name"):
            found += [_bad(f"{path}.ports[{number}].name", port["name"], problem) for problem in names.port_name(port["name"])]
    return found


def pod(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with a Pod; afterwards only images, tolerations, deadlines and a first node may change."""
    if old is None:
        return pod_spec(obj["spec"], "spec")
    return [] if _fixed(obj["spec"], old["spec"]) == _fixed(old["spec"], old["spec"]) else [Cause("spec", f"Forbidden: {_CHANGEABLE}")]


def _fixed(spec: Obj, before: Obj) -> Obj:
    """The part of a pod's spec that may not change."""
    free = {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"}
    if not before.get("nodeName"):
        free.add("nodeName")  # binding a pod to a node is an ordinary write for the scheduler in this process
    if before.get("schedulingGates"):
        free |= {"schedulingGates", "nodeSelector", "affinity"}
    rest = {name: value for name, value in spec.items() if name not in free}
    for group in ("containers", "initContainers"):
        if group in rest:
            rest[group] = [{name: value for name, value in item.items() if name not in ("image", "resources")} for item in rest[group]]
    return rest


def template(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with a Deployment or a ReplicaSet."""
    spec, found = obj["spec"], []
    chosen = spec.get("selector")
    if chosen is None:
        found.append(Cause("spec.selector", "Required value"))
    elif not chosen.get("matchLabels") and not chosen.get("matchExpressions"):
        found.append(_bad("spec.selector", chosen, "empty selector is invalid for deployment"))
    labels = dig(spec, "template", "metadata", "labels", default={})
    if chosen is None or not selector.selects(chosen, labels):
        found.append(_bad("spec.template.metadata.labels", labels or None, "`selector` does not match template `labels`"))
    if old is not None and chosen != old["spec"].get("selector"):
        found.append(_bad("spec.selector", chosen, _IMMUTABLE))
    if (spec.get("replicas") or 0) < 0:
        found.append(_bad("spec.replicas", spec["replicas"], "must be greater than or equal to 0"))
    inner = dig(spec, "template", "spec", default={})
    if inner.get("restartPolicy") not in (None, "Always"):
        text = f'Unsupported value: {quote(inner["restartPolicy"])}: supported values: "Always"'
        found.append(Cause("spec.template.spec.restartPolicy", text))
    return found + pod_spec(inner, "spec.template.spec")


def config_map(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with a ConfigMap."""
    found = [cause for key in obj.get("data") or {} for cause in names.check("key", key, f"data[{key}]")]
    found += [Cause(f"data[{key}]", f"Invalid value: {quote(key)}: duplicate of key present in binaryData") for key in _shared(obj)]
    return found + _frozen(obj, old, ("data", "binaryData"))


def _shared(obj: Obj) -> set[str]:
    return set(obj.get("data") or ()) & set(obj.get("binaryData") or ())


def _frozen(obj: Obj, old: Obj | None, parts: tuple[str, ...]) -> list[Cause]:
    if not old or not old.get("immutable"):
        return []
    text = "Forbidden: field is immutable when `immutable` is set"
    found = [Cause(part, text) for part in parts if obj.get(part) != old.get(part)]
    return found if obj.get("immutable") else [Cause("immutable", text), *found]


_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


def secret(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with a Secret; its values are never shown."""
    data, kind = obj.get("data") or {}, obj.get("type")
    found = [cause for key in data for cause in names.check("key", key, f"data[{key}]")]
    found += [Cause(f"data[{key}]", "Required value") for key in _KEYS.get(str(kind), ()) if key not in data]
    if kind == "kubernetes.io/dockerconfigjson" and ".dockerconfigjson" in data:
        try:
            json.loads(base64.b64decode(data[".dockerconfigjson"]))
        except (ValueError, binascii.Error):
            found.append(Cause("data[.dockerconfigjson]", 'Invalid value: "<secret contents redacted>": invalid character'))
    if old is not None and old.get("type") != kind:
        found.append(_bad("type", kind, _IMMUTABLE))
    return found + _frozen(obj, old, ("data",))


def definition(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with a CustomResourceDefinition."""
    spec, found = obj["spec"], []
    wanted = f"{dig(spec, 'names', 'plural', default='')}.{spec.get('group', '')}"
    if obj["metadata"].get("name") != wanted:
        found.append(_bad("metadata.name", obj["metadata"].get("name"), 'must be spec.names.plural+"."+spec.group'))
    versions = spec.get("versions") or []
    if sum(bool(version.get("storage")) for version in versions) != 1:
        found.append(
            _bad("spec.versions", [version.get("name") for version in versions], "must have exactly one version marked as storage version")
        )
    for number, version in enumerate(versions):
        if not dig(version, "schema", "openAPIV3Schema"):
            path = f"spec.versions[{number}].schema.openAPIV3Schema"
            found.append(Cause(path, "Required value: schemas are required"))
    if old is not None:
        found += [
            _bad(f"spec.{part}", spec.get(part), _IMMUTABLE) for part in ("scope", "group") if spec.get(part) != old["spec"].get(part)
        ]
    return found


def webhooks(obj: Obj, _old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with a webhook configuration."""
    found: list[Cause] = []
    seen: set[str] = set()
    for number, hook in enumerate(obj.get("webhooks") or ()):
        path, name = f"webhooks[{number}]", hook.get("name") or ""
        if len(name.split(".")) < 3:
            found.append(_bad(f"{path}.name", name, "should be a domain with at least three segments separated by dots"))
        if name in seen:
            found.append(Cause(f"{path}.name", f"Duplicate value: {quote(name)}"))
        seen.add(name)
        config = hook.get("clientConfig") or {}
        if bool(config.get("url")) == bool(config.get("service")):
            found.append(Cause(f"{path}.clientConfig", "Required value: exactly one of url or service is required"))
        if not hook.get("sideEffects") or hook["sideEffects"] not in ("None", "NoneOnDryRun"):
            text = f'Unsupported value: {quote(hook.get("sideEffects") or "Unknown")}: supported values: "None", "NoneOnDryRun"'
            found.append(Cause(f"{path}.sideEffects", text))
        if not set(hook.get("admissionReviewVersions") or ()) & {"v1", "v1beta1"}:
            text = "must include at least one of v1, v1beta1"
            found.append(_bad(f"{path}.admissionReviewVersions", hook.get("admissionReviewVersions"), text))
        found += _conditions(path, hook.get("matchConditions") or ())
    return found


def _conditions(path: str, conditions: Iterable[Obj]) -> Iterator[Cause]:
    for number, each in enumerate(conditions):
        try:
            condition.compiled(each.get("expression") or "")
        except ValueError as problem:
            yield _bad(f"{path}.matchConditions[{number}].expression", each.get("expression"), f"compilation failed: {problem}")


def binding(obj: Obj, old: Obj | None, _: Allocator) -> list[Cause]:
    """What is wrong with a RoleBinding or a ClusterRoleBinding."""
    if old is not None and obj.get("roleRef") != old.get("roleRef"):
        return [_bad("roleRef", obj.get("roleRef"), "cannot change roleRef")]
    return []
