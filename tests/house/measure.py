"""Sizes of the code."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {"albatross": ROOT / "src" / "albatross", "albatross_sandbox": ROOT / "packages" / "sandbox" / "src" / "albatross_sandbox"}
"""The folder of each package."""
SOURCE = PACKAGES["albatross"]
"""The product."""
TESTS = (ROOT / "tests", ROOT / "packages" / "sandbox" / "tests")


@dataclass(frozen=True)
class Function:
    """One function: its place, its lines without the docstring, its parameters, its deepest nesting of blocks."""

    place: str
    lines: int
    parameters: int
    depth: int


def modules(package: str = "albatross") -> list[Path]:
    """Every module of a package, the product by default."""
    return sorted(PACKAGES[package].rglob("*.py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that a module is parsed to. The tests of a worker parse and walk every module once."""
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def functions(package: str) -> tuple[Function, ...]:
    """Every function and method of a package."""
    return tuple(_functions(package))


def _functions(package: str) -> Iterator[Function]:
    for path in modules(package):
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", _lines(node), _parameters(node), _depth(node.body))


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    words = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    text = (first.end_lineno or first.lineno) - first.lineno + 1 if words else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - text


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len([n for n in names if n not in ("self", "cls")])


def _depth(body: list[ast.stmt]) -> int:
    deepest = 0
    for statement in body:
        if isinstance(statement, ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Match):
            deepest = max(deepest, 1 + max((_depth(block) for block in _blocks(statement)), default=0))
    return deepest


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "finalbody"):
        if block := getattr(statement, name, None):
            yield block
    other = getattr(statement, "orelse", None)
    if other:
        # an elif has the same level as its if
        yield other[0].body if len(other) == 1 and isinstance(other[0], ast.If) else other
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def name(path: Path) -> str:
    """The dotted name of a module; for a package, the name of its folder."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """The modules of the package that each module imports, including imports for types and inside functions."""
    paths = {name(path): path for path in modules()}
    return {module: frozenset(_imported(module, path, paths)) - {module} for module, path in paths.items()}


@cache
def parents() -> Mapping[str, frozenset[str]]:
    """The packages that each module names to import a sibling or a child from (`from package import child`)."""
    paths = {name(path): path for path in modules()}
    return {
        module: frozenset(_source(module, path, node) for node in _froms(path)) & frozenset(paths) - {module}
        for module, path in paths.items()
    }


def _imported(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
    for node in _froms(path):
        source = _source(module, path, node)
        for alias in node.names:
            yield from [each for each in (f"{source}.{alias.name}", source) if each in known][:1]


def _froms(path: Path) -> list[ast.ImportFrom]:
    return [node for node in nodes(path) if isinstance(node, ast.ImportFrom)]


def _source(module: str, path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    base = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])
