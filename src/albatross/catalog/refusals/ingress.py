"""Ingresses and IngressClasses.

Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go
"""

import re
from collections.abc import Iterator

from albatross.catalog.refusals import form
from albatross.catalog.refusals.form import DNS1035, SUBDOMAIN, WILDCARD
from albatross.catalog.refusals.refusal import Refusal, invalid, required, unsupported
from albatross.catalog.shape import Cursor

CLASS_ANNOTATION = 'metadata.annotations["kubernetes.io/ingress.class"]'
TYPES = ("Exact", "ImplementationSpecific", "Prefix")
LONGEST_CONTROLLER = 250


def rules(at: Cursor) -> Iterator[Refusal]:
    """What is refused in an Ingress that is created."""
    spec = at["spec"]
    if not spec["rules"].items() and not spec["defaultBackend"].present:
        reason = "Invalid value: either `defaultBackend` or `rules` must be specified"
        yield Refusal("spec", reason, "write at least one rule in spec.rules, or a spec.defaultBackend")
    yield from _backend(spec["defaultBackend"])
    for rule in spec["rules"].items():
        yield from _host(rule["host"])
        yield from _http(rule["http"])
    for tls in spec["tls"].items():
        for host in tls["hosts"].items():
            yield from _host(host, addresses=True)
        yield from form.check(tls["secretName"], SUBDOMAIN)
    yield from _class(at)


def class_rules(at: Cursor) -> Iterator[Refusal]:
    """What is refused in an IngressClass."""
    controller = at["spec"]["controller"]
    text = controller.text()
    prefix, _, rest = text.partition("/")
    fix = "write ingress.k8s.aws/alb for this controller"
    if not text:
        yield required(controller.path, fix)
    elif len(text) > LONGEST_CONTROLLER:
        yield Refusal(controller.path, f"Too long: may not be more than {LONGEST_CONTROLLER} bytes", fix)
    elif not rest or not SUBDOMAIN.pattern.fullmatch(prefix):
        yield invalid(controller, 'must be a domain-prefixed path (such as "acme.io/foo")', fix)


def _class(at: Cursor) -> Iterator[Refusal]:
    named = at["spec"]["ingressClassName"]
    yield from form.check(named, SUBDOMAIN)
    annotated = at["metadata"]["annotations"].strings().get("kubernetes.io/ingress.class")
    if named.present and annotated is not None and annotated != named.text():
        reason = "must match `ingressClassName` when both are specified"
        yield invalid(Cursor(annotated, CLASS_ANNOTATION), reason, "remove the annotation, and keep spec.ingressClassName")


def _host(at: Cursor, addresses: bool = False) -> Iterator[Refusal]:
    text = at.text()
    if form.address(text) and not addresses:
        fix = "write a DNS name; without a host, a rule matches every name and address"
        yield invalid(at, "must be a DNS name, not an IP address", fix)
    else:
        yield from _wildcard(at) if "*" in text else form.check(at, SUBDOMAIN)


def _wildcard(at: Cursor) -> Iterator[Refusal]:
    for each in form.check(at, WILDCARD):
        fix = "write * only as the whole first part, as in *.example.com; for other patterns, leave the host out and use the annotation"
        yield Refusal(each.field, each.reason, f"{fix} alb.ingress.kubernetes.io/conditions.<service> with a condition on host-header")


def _http(at: Cursor) -> Iterator[Refusal]:
    if at.present and not at["paths"].items():
        yield required(f"{at.path}.paths", "write at least one path, or remove http from the rule")
    for each in at["paths"].items():
        yield from _path(each["path"], each["pathType"])
        backend = each["backend"]
        yield from _backend(backend if backend.present else Cursor({}, each.path))


def _path(at: Cursor, kind: Cursor) -> Iterator[Refusal]:
    text, word = at.text(), kind.text()
    if not word:
        yield required(kind.path, "write pathType: Prefix, or Exact for the path alone", "pathType must be specified")
    elif word not in TYPES:
        yield unsupported(kind, TYPES, "write Prefix, Exact or ImplementationSpecific")
    elif not text.startswith("/") and (text or word != "ImplementationSpecific"):
        yield invalid(Cursor(text, at.path), "must be an absolute path", f"write /{text}" if text else "write path: /")
    elif word != "ImplementationSpecific":
        found = next((part for part in ("//", "/./", "/../", "%2f", "%2F") if part in text), "")
        ends = next((part for part in ("/..", "/.") if text.endswith(part)), "")
        if found or ends:
            reason = f"must not contain '{found}'" if found else f"cannot end with '{ends}'"
            clean = re.sub("/{2,}", "/", text)
            yield invalid(at, reason, f"write {clean}" if found == "//" else "write the path as clients send it, without this part")


def _backend(at: Cursor) -> Iterator[Refusal]:
    if not at.present:
        return
    service, other = at["service"], at["resource"]
    if service.present and other.present:
        yield invalid(Cursor("", at.path), "cannot set both resource and service backends", "remove resource")
    elif other.present:
        yield from (required(other[name].path, f"write the {name} of the resource") for name in ("kind", "name") if not other[name].text())
    elif not service.present:
        yield required(at.path, "write service: {name: <name>, port: {number: <port>}}", "resource or service backend is required")
    else:
        yield from _service(service)


def _service(at: Cursor) -> Iterator[Refusal]:
    name, number = at["port"]["name"], at["port"]["number"]
    if not at["name"].text():
        yield required(at["name"].path, "write the name of the Service")
    yield from form.check(at["name"], DNS1035)
    if name.text() and number.number():
        yield invalid(Cursor("", at["port"].path), "cannot set both port name & port number", "keep only one of name and number")
    elif name.text():
        yield from form.port(name)
    elif number.number():
        yield from form.port(number)
    else:
        place = at["port"].path if at["port"].present else at.path
        yield required(
            place, "write port: {number: <port>} with a port of the Service, or port: {name: <name>}", "port name or number is required"
        )
