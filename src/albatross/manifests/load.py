"""Files → Snapshot. Every fault becomes a Problem, and all other objects are still read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from albatross.catalog import beta, fields, kinds, workloads
from albatross.catalog.meant import meant
from albatross.catalog.placeholder import HELM, placeholder
from albatross.catalog.refusals import refusals
from albatross.catalog.shape import at as found
from albatross.catalog.shape import describe
from albatross.manifests.compose import YamlFault, documents
from albatross.manifests.node import MappingNode, Node, Scalar, Sequence, data
from albatross.manifests.source import FILE, Sources
from albatross.manifests.text import Text, Unread, texts
from albatross.model.ident import Ident
from albatross.model.problem import NO_HINT, Hint, Origin, Problem, Severity
from albatross.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Loaded:
    """The content of files: `objects` of known kinds and workloads, as JSON and in their order.

    `ignored` is the number of objects by kind that do not become load balancers, and that no decision reads.
    """

    objects: tuple[Mapping[str, Any], ...]
    snapshot: Snapshot
    sources: Sources
    problems: tuple[Problem, ...]
    ignored: Mapping[str, int]


def load(paths: Iterable[str], *, namespace: str = "default", complete: bool = False) -> Loaded:
    """Read files, folders and `-` (standard input).

    `namespace` is for objects that do not name one; `complete` means that no other objects exist.
    """
    return read(texts(paths), namespace=namespace, complete=complete)


def read(found: Iterable[Text | Unread], *, namespace: str = "default", complete: bool = False) -> Loaded:
    """The same as `load`, for texts instead of files."""
    reader = _Reader(namespace)
    for text in found:
        if isinstance(text, Unread):
            reader.report("LB190", Origin(FILE, "", text.file), file=text.file, reason=text.reason)
        else:
            reader.file(text)
    return reader.loaded(complete)


class _Reader:
    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.sources = Sources()
        self.objects: dict[tuple[str, str, str], Mapping[str, Any]] = {}
        self.unread: set[Ident] = set()
        self.problems: list[Problem] = []
        self.ignored: Counter[str] = Counter()

    def loaded(self, complete: bool) -> Loaded:
        objects = tuple(self.objects.values())
        found = replace(kinds.snapshot(objects, complete), unread=frozenset(self.unread))
        return Loaded(objects, found, self.sources, tuple(self.problems), dict(sorted(self.ignored.items())))

    def report(
        self, code: str, origin: Origin, *related: Origin, severity: Severity | None = None, hint: Hint = NO_HINT, **words: str
    ) -> None:
        self.problems.append(Problem(code, origin, tuple(sorted(words.items())), severity, related, hint))

    def file(self, text: Text) -> None:
        """Read the documents of a file. Only the first template expression is reported, because one place is enough."""
        self.sources.texts[text.file] = text
        template = False
        for document in documents(text.text):
            if isinstance(document, YamlFault):
                template = self._fault(text, document, template)
            elif not self._document(text, document) and text.explicit and not template:
                self._shapeless(text, document)
        if not template and (found := HELM.search(text.text)):
            self.report("LB192", _at(text, found.start()), text=found[0], severity="warning")

    def _fault(self, text: Text, fault: YamlFault, template: bool) -> bool:
        found = HELM.search(text.text, fault.start, fault.end)
        if found is None:
            self.report("LB191", _at(text, fault.offset), reason=fault.reason)
        elif not template:
            self.report("LB192", _at(text, found.start()), text=found[0])
        return template or found is not None

    def _document(self, text: Text, root: Node) -> bool:
        """Read the object of a document, or the objects of a List; False if it is not an object."""
        if not isinstance(root, MappingNode) or not (kind := _word(root, "kind")) or not (version := _word(root, "apiVersion")):
            return False
        items = root.pair("items")
        if kind.endswith("List") and items and isinstance(items[1], Sequence):
            for item in items[1].items:
                if not self._document(text, item):
                    self._shapeless(text, item)
            return True
        self._object(text, root, kind, version)
        return True

    def _object(self, text: Text, root: MappingNode, kind: str, version: str) -> None:
        named = {"apiVersion": version, "kind": kind}
        row = kinds.kind(named)
        if wanted := beta.WITHDRAWN.get((version, kind)):
            self.report("LB197", self._place(text, root, "apiVersion"), kind=kind, version=version, wanted=wanted)
            row = kinds.KINDS[kind]  # it is read as it was stored, so that its other problems are found too
        if row is None:
            self.ignored[kind] += 1
            if workloads.known(named) and _word(root, "metadata", "name"):
                self._workload(text, root)
        elif not _word(root, "metadata", "name"):
            self.report("LB193", _at(text, root.start), field="metadata.name")
        else:
            self._read(text, root, row)

    def _workload(self, text: Text, root: MappingNode) -> None:
        """Keep an object that makes pods: what it opens is compared with what its Services need."""
        obj: Any = data(root)
        obj["metadata"]["namespace"] = str(obj["metadata"].get("namespace") or self.namespace)
        identity = (str(obj["kind"]), obj["metadata"]["namespace"], str(obj["metadata"]["name"]))
        self.sources.objects[identity], self.objects[identity] = (text, root), obj

    def _read(self, text: Text, root: MappingNode, row: kinds.Kind) -> None:
        obj: Any = data(root)
        obj = beta.converted(obj) if (obj["apiVersion"], row.kind) in beta.WITHDRAWN else obj
        if row.namespaced and not obj["metadata"].get("namespace"):
            obj["metadata"]["namespace"] = self.namespace
        # parse (below) reports a name or namespace that is not a string
        identity = (row.kind, str(obj["metadata"].get("namespace") or "") if row.namespaced else "", str(obj["metadata"]["name"]))
        self._duplicates(text, root)
        previous = self.sources.objects.get(identity)
        self.sources.objects[identity] = (text, root)
        if previous is not None:
            name = Origin(*identity).object
            self.report("LB195", Origin(*identity), self._place(previous[0], previous[1], "metadata", "name"), object=name)
        for strange in fields.unknown(row.kind, obj):
            self.report("LB762", Origin(*identity, strange.path), name=strange.name, meant=strange.hint)
        wrong = kinds.malformed(obj)
        for each in wrong:
            at, hint = Origin(*identity, each.field), Hint(each.type)
            got = describe(found(obj, each.field), content=False) if row.kind == "Secret" else each.got
            self.report("LB194", at, hint=hint, field=each.field, expected=each.expected, got=got)
        self.objects.pop(identity, None)
        if wrong and (obj := meant(obj, wrong)) is None:
            self.unread.add(Ident(*identity))
            return
        self.objects[identity] = obj
        for refusal in refusals(row.kind, obj):
            at, value = Origin(*identity, refusal.field), found(obj, refusal.field)
            if isinstance(value, str) and (left := placeholder(value)):
                self.report("LB186", at, text=left, severity="error")
                continue
            self.report("LB189", at, field=refusal.field, reason=refusal.reason, way=refusal.fix)

    def _duplicates(self, text: Text, root: MappingNode) -> None:
        for first, second in _twice(root, set()):
            self.report("LB196", _at(text, second.start), _at(text, first.start), key=second.value)

    def _place(self, text: Text, root: Node, *names: str) -> Origin:
        node = root
        for name in names:
            pair = node.pair(name) if isinstance(node, MappingNode) else None
            node = pair[1] if pair else node
        return _at(text, node.start)

    def _shapeless(self, text: Text, root: Node) -> None:
        missing = next((name for name in ("apiVersion", "kind") if not (isinstance(root, MappingNode) and _word(root, name))), "apiVersion")
        self.report("LB193", _at(text, root.start), field=missing)


def _at(text: Text, offset: int) -> Origin:
    line, column = text.position(offset)
    return Origin(FILE, "", text.file, f"line {line}, column {column}")


def _word(root: MappingNode, *names: str) -> str:
    """The text at a path of keys; empty if there is none."""
    node: Node = root
    for name in names:
        pair = node.pair(name) if isinstance(node, MappingNode) else None
        if pair is None:
            return ""
        node = pair[1]
    return node.value if isinstance(node, Scalar) else ""


def _twice(node: Node, seen: set[int]) -> Iterator[tuple[Scalar, Scalar]]:
    """Keys that occur twice in a table: the first, and each later one. A node that aliases share is checked once."""
    if isinstance(node, Scalar) or id(node) in seen:
        return
    seen.add(id(node))
    keys: dict[str, Scalar] = {}
    for key, _ in node.pairs if isinstance(node, MappingNode) else ():
        if key.value in keys:
            yield keys[key.value], key
        keys.setdefault(key.value, key)
    for child in [value for _, value in node.pairs] if isinstance(node, MappingNode) else node.items:
        yield from _twice(child, seen)
