"""Names, labels and annotations of every object."""

from collections.abc import Iterator, Mapping

from albatross.catalog.refusals import form
from albatross.catalog.refusals.form import DNS1035, LABEL, SUBDOMAIN, VALUE, Form
from albatross.catalog.refusals.refusal import Refusal
from albatross.catalog.shape import Cursor

LONGEST = 256 * 1024
"""The most bytes of all annotations of an object, keys and values together (TotalAnnotationSizeLimitB)."""
_NAMES: Mapping[str, Form] = {"Service": DNS1035, "Namespace": LABEL}
"""The forms of names by kind; all other kinds have DNS subdomains."""


def rules(kind: str, at: Cursor) -> Iterator[Refusal]:
    """What is refused in the metadata of an object."""
    meta = at["metadata"]
    yield from form.check(meta["name"], _NAMES.get(kind, SUBDOMAIN))
    yield from form.check(meta["namespace"], LABEL)
    for name, value in meta["labels"].strings().items():
        place = f'metadata.labels["{name}"]'
        yield from form.key(Cursor(name, place))
        yield from form.check(Cursor(value, place), VALUE)
    written = meta["annotations"].strings()
    for name in written:
        yield from form.key(Cursor(name, f'metadata.annotations["{name}"]'))
    if sum(len(name.encode()) + len(value.encode()) for name, value in written.items()) > LONGEST:
        yield Refusal("metadata.annotations", f"Too long: may not be more than {LONGEST} bytes", "shorten the annotations")
