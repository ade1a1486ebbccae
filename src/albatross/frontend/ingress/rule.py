"""Rules, paths and the default backend of one Ingress → routes in the order of evaluation."""

from dataclasses import dataclass

from albatross.catalog.annotations import ingress as row
from albatross.catalog.form.action import ActionForm, ForwardForm, TargetForm
from albatross.frontend.ingress import condition, guard, target_group
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.ingress.guard import Guard
from albatross.model.ident import Ident
from albatross.model.intent import Answer, Backend, Forwarding, ForwardTo, Route, TargetGroupSettings
from albatross.model.problem import Origin
from albatross.model.resources.action import FixedResponse
from albatross.model.resources.rule import Condition, Transform
from albatross.model.snapshot import IngressBackend, Service

USE_ANNOTATION = "use-annotation"
NO_SERVICE = FixedResponse(status_code="503", content_type="text/plain", message_body="Backend service does not exist")
NO_ACTION = FixedResponse(status_code="503", content_type="text/plain", message_body="Backend action does not exist")


@dataclass(frozen=True, slots=True)
class _Served:
    """The result of reading a backend."""

    answer: Answer
    guard: Guard | None
    conditions: tuple[Condition, ...]
    transforms: tuple[Transform, ...]


class Router:
    """Reads the routes of one Ingress; a backend that several routes share is read once."""

    def __init__(self, subject: Subject, secure: bool, context: Context) -> None:
        self._subject = subject
        self._secure = secure
        self._context = context
        self._notes = context.notes
        self._backends: dict[tuple[str, int | str], Backend] = {}
        self._served: dict[IngressBackend, _Served | None] = {}
        self._guards: dict[str, Guard | None] = {}
        self.rehearsed: list[TargetGroupSettings] = []

    def routes(self) -> tuple[Route, ...]:
        """All routes that can be read without an error."""
        found: list[Route] = []
        for number, rule in enumerate(self._subject.ingress.rules):
            for index, path in condition.in_order(rule.paths or ()):
                at = self._subject.origin.at(f"spec.rules[{number}].http.paths[{index}]")
                served = self._serve(path.backend, at)
                extra = served.conditions if served else ()
                conditions = condition.conditions(self._subject, rule.host, path, condition.Extra(extra, at), self._context)
                if served and conditions is not None:
                    found.append(
                        Route(origin=at, answer=served.answer, conditions=conditions, transforms=served.transforms, guard=served.guard)
                    )
        return tuple(found)

    def default(self) -> Route | None:
        """The route of `spec.defaultBackend`; its conditions and transforms are parsed, but not used."""
        wanted = self._subject.ingress.default_backend
        if wanted is None:
            return None
        at = self._subject.origin.at("spec.defaultBackend")
        served = self._serve(wanted, at)
        return Route(origin=at, answer=served.answer, guard=served.guard) if served else None

    def _serve(self, wanted: IngressBackend, at: Origin) -> _Served | None:
        if wanted not in self._served:
            before = self._notes.errors
            served = self._read(wanted, at)
            self._served[wanted] = served if self._notes.errors == before else None
        return self._served[wanted]

    def _read(self, wanted: IngressBackend, at: Origin) -> _Served | None:
        if wanted.service is None:
            self._notes.add("LB148", at)
            return None
        reader = self._subject.reader
        conditions = reader.read(row.CONDITIONS, row.CONDITIONS.of(wanted.service))
        transforms = reader.read(row.TRANSFORMS, row.TRANSFORMS.of(wanted.service))
        answer = self._answer(wanted, wanted.service, at)
        guard = self._guard(answer)
        if answer is None:
            return None
        return _Served(answer, guard, conditions.value if conditions else (), transforms.value if transforms else ())

    def _answer(self, wanted: IngressBackend, name: str, at: Origin) -> Answer | None:
        prefix = "" if at.field == "spec.defaultBackend" else ".backend"
        if wanted.port != USE_ANNOTATION:
            target = TargetForm(service=name, port=wanted.port or 0)
            return self._forward(ForwardForm((target,)), at.at(f"{at.field}{prefix}.service"))
        key = row.ACTIONS.of(name)
        if self._subject.reader.raw(key) is None:
            tolerated = self._context.config.tolerate_non_existent_backend_action
            self._notes.add("LB213", at.at(f"{at.field}{prefix}.service.name"), None if tolerated else "error", name=name)
            return NO_ACTION if tolerated else None
        written = self._subject.reader.read(row.ACTIONS, key)
        if written is None:
            return None
        form: ActionForm = written.value
        return self._forward(form, written.origin) if isinstance(form, ForwardForm) else form

    def _forward(self, form: ForwardForm, at: Origin) -> Answer | None:
        targets: list[Forwarding] = []
        for target in form.targets:
            place = at.at(at.field, target.pointer)
            if target.service is None:
                name = "" if target.arn is not None else target.name or ""
                targets.append(Forwarding(arn=target.arn or "", name=name, weight=target.weight, origin=place))
                continue
            service = self._context.lookups.service((self._subject.origin.namespace, target.service))
            if service is None:
                return self._missing(target, len(form.targets) == 1, place)
            backend = self._backend(service, target.port or 0, place)
            if backend:
                targets.append(Forwarding(backend=backend, weight=target.weight, origin=place))
        return ForwardTo(tuple(targets), form.stickiness)

    def _missing(self, target: TargetForm, alone: bool, at: Origin) -> Answer | None:
        """Report a Service that does not exist, or is not in the files. The answer is a 503 if the settings tolerate it."""
        key = (self._subject.origin.namespace, target.service or "")
        complete = self._context.lookups.complete
        if not complete:
            self.rehearsed.append(target_group.rehearse(self._subject, f"{target.service}.{target.port}", self._context))
        if self._context.lookups.unread(Ident("Service", *key)):
            return None
        named, hint = "/".join(key), self._context.lookups.meant("Service", key)
        if not alone or not self._context.config.tolerate_non_existent_backend_service:
            self._notes.add("LB207", at, service=named, hint=hint)
            return None
        self._notes.add("LB206", at, None if complete else "note", service=named, hint=hint)
        return NO_SERVICE

    def _backend(self, service: Service, port: int | str, at: Origin) -> Backend | None:
        key = (service.metadata.name, port)
        known = self._backends.get(key)
        if known is None:
            before = self._notes.errors
            known = target_group.backend(self._subject, service, port, at, self._context)
            if known and self._notes.errors == before:
                # a backend with errors is read again for each route, so that each route counts the errors
                self._backends[key] = known
        return known

    def _guard(self, answer: Answer | None) -> Guard | None:
        sole = _sole(answer)
        if sole not in self._guards:
            before = self._notes.errors
            service = self._context.lookups.service((self._subject.origin.namespace, sole)) if sole else None
            reader = target_group.overlaid(self._subject, service, self._context) if service else self._subject.reader
            self._guards[sole] = guard.guard(self._subject, reader, self._secure, self._context)
            if self._notes.errors > before:
                del self._guards[sole]
                return None
        return self._guards[sole]


def _sole(answer: Answer | None) -> str:
    """The Service of a forward action with only one target."""
    if isinstance(answer, ForwardTo) and len(answer.targets) == 1 and answer.targets[0].backend:
        return answer.targets[0].backend.source.name
    return ""
