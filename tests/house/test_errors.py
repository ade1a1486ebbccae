"""One docstring shows the whole tree of exceptions."""

import builtins
import importlib
import inspect
from collections.abc import Iterator

from measure import modules, name

from albatross import errors
from albatross.errors import AlbatrossError


def tree(kind: type[Exception], depth: int = 0) -> Iterator[str]:
    """All subclasses of a class, one per line: the name, and the module."""
    for each in sorted(kind.__subclasses__(), key=lambda found: (found.__module__, inspect.getsourcelines(found)[1])):
        yield f"{'  ' * depth}{each.__name__}".ljust(30) + each.__module__.removeprefix("albatross.")
        yield from tree(each, depth + 1)


def product() -> list[str]:
    return [each for each in map(name, modules()) if each != "albatross.__main__"]


def test_the_page_prints_every_class() -> None:
    for each in product():
        importlib.import_module(each)
    printed = inspect.cleandoc(errors.__doc__ or "").partition("AlbatrossError\n")[2]
    assert printed.splitlines() == list(tree(AlbatrossError, 1))


def test_every_exception_of_ours_is_in_the_tree() -> None:
    plain = {each for each in vars(builtins).values() if isinstance(each, type) and issubclass(each, BaseException)}
    for each in product():
        own = [found for _, found in inspect.getmembers(importlib.import_module(each), inspect.isclass) if found.__module__ == each]
        outside = [found for found in own if issubclass(found, tuple(plain)) and not issubclass(found, AlbatrossError)]
        assert outside == []
