"""The host, the path and the annotation conditions of one path → the conditions of a rule."""

from dataclasses import dataclass

from albatross.catalog.annotations import ingress as row
from albatross.frontend.ingress.context import Context, Subject
from albatross.model.problem import Origin
from albatross.model.resources.rule import Condition
from albatross.model.snapshot import IngressPath

EVERYTHING = Condition(field="path-pattern", values=("/*",))
_ORDER: dict[str | None, int] = {"Exact": 0, "Prefix": 1, "ImplementationSpecific": 2, None: 2}


@dataclass(frozen=True, slots=True)
class Extra:
    """Conditions from an annotation, and the path that gets them."""

    conditions: tuple[Condition, ...]
    at: Origin


@dataclass(frozen=True, slots=True)
class _Patterns:
    values: tuple[str, ...] = ()
    regex_values: tuple[str, ...] = ()

    def __add__(self, other: Condition) -> "_Patterns":
        return _Patterns(self.values + other.values, self.regex_values + other.regex_values)


def in_order(paths: tuple[IngressPath, ...]) -> list[tuple[int, IngressPath]]:
    """Paths of one rule with their index: exact paths, prefixes (longest first), then the others; equal ones keep their order."""
    return sorted(enumerate(paths), key=lambda item: _place(item[1]))


def _place(path: IngressPath) -> tuple[int, int]:
    return _ORDER.get(path.path_type, 3), -len(path.path.encode()) if path.path_type == "Prefix" else 0


def conditions(subject: Subject, host: str, path: IngressPath, extra: Extra, context: Context) -> tuple[Condition, ...] | None:
    """The conditions in the order in which AWS gets them. None: the path, or its mix of values and regular expressions, is invalid."""
    patterns = _patterns(subject, path, extra.at, context)
    hosts = _Patterns((host,) if host else ())
    others = []
    for condition in extra.conditions:
        if condition.field == "host-header":
            hosts += condition
        elif condition.field == "path-pattern":
            patterns = patterns + condition if patterns else None
        else:
            others.append(condition)
    if patterns is None:
        return None
    mixed = [(field, found) for field, found in (("host-header", hosts), ("path-pattern", patterns)) if found.values and found.regex_values]
    for field, found in mixed:
        values, regex_values = ", ".join(found.values), ", ".join(found.regex_values)
        context.notes.add("LB145", extra.at, field=field, values=values, regex_values=regex_values)
    if mixed:
        return None
    return (*others, *_conditions("host-header", hosts), *_conditions("path-pattern", patterns)) or (EVERYTHING,)


def _conditions(field: str, found: _Patterns) -> tuple[Condition, ...]:
    if not found.values and not found.regex_values:
        return ()
    return (Condition(field=field, values=found.values, regex_values=found.regex_values),)


def _patterns(subject: Subject, path: IngressPath, at: Origin, context: Context) -> _Patterns | None:
    place = at.at(f"{at.field}.path")
    if path.path_type not in _ORDER:
        context.notes.add("LB144", at.at(f"{at.field}.pathType"), value=str(path.path_type))
        return None
    if not path.path:
        return _Patterns()
    if path.path_type == "Exact":
        if _wild(path.path):
            context.notes.add("LB141", place, path=path.path)
            return None
        return _Patterns((path.path,))
    if path.path_type == "Prefix":
        return _prefix(path.path, place, context)
    return _specific(subject, path.path, place, context)


def _prefix(path: str, place: Origin, context: Context) -> _Patterns | None:
    if path == "/":
        return _Patterns(("/*",))
    if not _wild(path):
        stem = path.removesuffix("/")
        return _Patterns((stem, f"{stem}/*"))
    if path.endswith("/*") and not _wild(path[:-1]) and not context.config.strict_paths:
        stem = path.removesuffix("/*")
        matched = f"{stem}/ and every path under it, but not {stem} itself" if stem else "every path"
        wider = f", which also matches {stem}" if stem else ""
        context.notes.add("LB143", place, path=path, matched=matched, meant=stem or "/", wider=wider)
        return _Patterns((path,))
    context.notes.add("LB142", place, path=path)
    return None


def _specific(subject: Subject, path: str, place: Origin, context: Context) -> _Patterns | None:
    before = context.notes.errors
    regex = subject.reader.read(row.USE_REGEX_PATH_MATCH)
    if context.notes.errors > before:
        return None
    if regex and regex.value:
        return _Patterns((), (path.encode()[1:].decode(errors="replace"),))
    if path == "/":
        context.notes.add("LB198", place)
    return _Patterns((path,))


def _wild(path: str) -> bool:
    return "*" in path or "?" in path
