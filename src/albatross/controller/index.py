"""What changed in the cluster → which groups have to be looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from albatross.catalog import tracking
from albatross.catalog.kinds import Noun
from albatross.frontend.ingress.reference import References, references, secrets
from albatross.frontend.ingress.survey import Survey, held, survey
from albatross.kube.cache import Cache, Change
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import (
    Ingress,
    IngressClass,
    IngressClassParams,
    Key,
    Metadata,
    Namespace,
    Secret,
    Service,
    TargetGroupBinding,
)

DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"

# These decide which group an Ingress is in.
SORTING = ("Ingress", "IngressClass", "IngressClassParams", "Namespace")


class Index:
    """Knows every group's members and who mentions what; both follow the cache."""

    def __init__(self, cache: Cache, config: Config) -> None:
        self._cache = cache
        self._config = config
        self._survey: Survey | None = None
        self._stacks: dict[Ident, frozenset[StackId]] = {}
        self._references: dict[Key, References] = {}
        self._users: dict[Key, set[Key]] = {}

    def survey(self) -> Survey:
        """Every group as the cluster has it now."""
        if self._survey is None:
            self._survey = survey(self._cache.snapshot(), self._config)
        return self._survey

    def note(self, change: Change) -> bool:
        """Take a change in; whether it matters at all. Call it for every change, in order."""
        if change.kind in SORTING and not self._keeps(change):
            self._survey = None
        if change.kind == "Ingress":
            self._refer(change)
        return matters(change)

    def _keeps(self, change: Change) -> bool:
        """Whether every group stays as it is: above all when we put a group's finalizer on its own member, once for each Ingress."""
        old, new = change.old, change.new
        if self._survey is None or old is None or new is None or _essence(old) != _essence(new):
            return False
        if isinstance(old, Ingress) and isinstance(new, Ingress):
            groups = self._survey.groups
            ident = Ident("Ingress", *change.key)
            return all(stack in groups and ident in groups[stack].members for stack in set(held(old)) ^ set(held(new)))
        return True

    def _refer(self, change: Change) -> None:
        for name in self.mentions(change.key).services:
            self._users[(change.key[0], name)].discard(change.key)
        self._references.pop(change.key, None)
        if isinstance(change.new, Ingress):
            found = self._references[change.key] = references(change.new)
            for name in found.services:
                self._users.setdefault((change.key[0], name), set()).add(change.key)

    def affected(self, changes: Iterable[Change]) -> set[StackId]:
        """The groups that changes reach: those their Ingresses are in now, were in before, or still carry a finalizer of."""
        keys, found = set[Key](), set[StackId]()
        for change in changes:
            keys.update(self._ingresses(change))
            for side in (change.old, change.new):
                if isinstance(side, Ingress):
                    found.update(held(side))
                elif isinstance(side, TargetGroupBinding):
                    found.update(owner(side))
        now = self._membership()
        for key in keys:
            ident = Ident("Ingress", *key)
            found |= self._stacks.get(ident, frozenset()) | now.get(ident, frozenset())
        self._stacks = now
        return found

    def stacks(self) -> set[StackId]:
        """Every group there is, for a resync."""
        return set(self.survey().groups)

    def mentions(self, key: Key) -> References:
        """What an Ingress mentions."""
        return self._references.get(key, References(frozenset(), frozenset()))

    def secrets(self, members: Iterable[Ident]) -> frozenset[Key]:
        """The Secrets that members, or the Services they mention, need."""
        found = set[Key]()
        for member in members:
            mentioned = self.mentions(member.key)
            found.update((member.namespace, secret) for secret in mentioned.secrets)
            for service in mentioned.services:
                stands = self._cache.get("Service", (member.namespace, service))
                if isinstance(stands, Service):
                    found.update((member.namespace, secret) for secret in secrets(stands.metadata))
        return frozenset(found)

    def _membership(self) -> dict[Ident, frozenset[StackId]]:
        found: dict[Ident, set[StackId]] = {}
        for stack, group in self.survey().groups.items():
            for ident in (*group.members, *group.leaving, *group.unclear):
                found.setdefault(ident, set()).add(stack)
        return {ident: frozenset(stacks) for ident, stacks in found.items()}

    def _ingresses(self, change: Change) -> set[Key]:
        """The Ingresses that a change reaches."""
        noun, key = change.new or change.old, change.key
        match noun:
            case Ingress():
                return {key}
            case Service():
                return set(self._users.get(key, ()))
            case Secret():
                return self._needing(key)
            case IngressClass():
                return self._of_class(change)
            case IngressClassParams():
                classes = self._cache.objects("IngressClass").values()
                names = {each.metadata.name for each in classes if each.parameters and each.parameters.name == key[1]}
                return {each for each in self._cache.keys("Ingress") if self._class(each) in names or self._class(each) is None}
            case Namespace():
                return {each for each in self._cache.keys("Ingress") if each[0] == key[1]}
            case _:
                return set()

    def _needing(self, secret: Key) -> set[Key]:
        return {key for key in self._references if key[0] == secret[0] and secret in self.secrets((Ident("Ingress", *key),))}

    def _of_class(self, change: Change) -> set[Key]:
        marked = {_marked(side) for side in (change.old, change.new) if isinstance(side, IngressClass)}
        names = {change.key[1]} | ({None} if marked != {False} else set())
        return {each for each in self._cache.keys("Ingress") if self._class(each) in names}

    def _class(self, key: Key) -> str | None:
        ingress = self._cache.get("Ingress", key)
        return ingress.ingress_class_name if isinstance(ingress, Ingress) else None


def owner(binding: TargetGroupBinding) -> tuple[StackId, ...]:
    """The group whose labels a binding carries."""
    stack = tracking.labelled(binding.metadata.labels)
    return (stack,) if stack else ()


def matters(change: Change) -> bool:
    """Whether a change can change a decision: what we or others merely note down (status, finalizers, labels) cannot."""
    old, new = change.old, change.new
    if isinstance(old or new, TargetGroupBinding):
        return new is None  # someone took it away; whether that was us, the caller knows
    if old is None or new is None:
        return not (isinstance(old, Ingress) and new is None)  # its finalizer has seen to it
    return _essence(old) != _essence(new)


def _essence(noun: Noun) -> object:
    match noun:
        case Ingress():
            return replace(noun, metadata=_core(noun.metadata), status=())
        case Service() | IngressClassParams():
            return replace(noun, metadata=_core(noun.metadata))
        case IngressClass():
            return replace(noun, metadata=_core(noun.metadata, {DEFAULT_CLASS: str(_marked(noun))}))
        case Namespace():
            return noun.metadata.labels
        case Secret():
            return (noun.data, noun.metadata.deleting)
        case _:
            return None


def _core(metadata: Metadata, annotations: Mapping[str, str] | None = None) -> Metadata:
    kept = metadata.annotations if annotations is None else annotations
    return Metadata(
        namespace=metadata.namespace, name=metadata.name, uid=metadata.uid, deletion_timestamp=metadata.deletion_timestamp, annotations=kept
    )


def _marked(found: IngressClass) -> bool:
    return found.metadata.annotations.get(DEFAULT_CLASS) == "true"
