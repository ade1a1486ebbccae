"""The configuration file of a repository: `albatross.toml` or `.albatross.yaml`, in the folder of the manifests or above it."""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from albatross.catalog.settings import SETTINGS, read

NAMES = ("albatross.toml", ".albatross.yaml")
OWN = ("fail-on", "select", "ignore")
"""Keys for `lint` alone. All other keys are flags of the controller."""

LIMITS = ("error", "warning")
"""Values of fail-on."""

Values = Mapping[str, str]


def values(paths: Iterable[str]) -> Values:
    """The values for these files, by key; empty without a file. Errors: ClickException for a file that cannot be used."""
    found = dict.fromkeys(file for path in paths if (file := find(path)))
    if len(found) > 1:
        raise click.ClickException(
            f"the manifests belong to several configuration files, {' and '.join(map(str, found))}; name fewer manifests"
        )
    return _checked(*found) if found else {}


def find(path: str) -> Path | None:
    """The nearest configuration file, from the folder of a manifest up to the root of its repository.

    For standard input, from the current folder.
    """
    start = Path.cwd() if path == "-" else Path(path).absolute()
    for folder in (start, *start.parents):
        here = [folder / name for name in NAMES if (folder / name).is_file()]
        if len(here) > 1:
            raise click.ClickException(f"{folder} has two configuration files, {' and '.join(NAMES)}; delete one of them")
        if here or (folder / ".git").exists():
            return here[0] if here else None
    return None


def flags(found: Values) -> dict[str, str]:
    """The flags of the controller."""
    return {key: value for key, value in found.items() if key not in OWN}


def _checked(path: Path) -> Values:
    known = (*OWN, *(row.flag for row in SETTINGS))
    found = {}
    for key, value in _parsed(path).items():
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(OWN)} and the flags of `albatross run`"
            raise click.ClickException(f"{path}: unknown key {str(key)!r}; {hint}")
        found[str(key)] = _text(value)
    if (limit := found.get("fail-on", LIMITS[0])) not in LIMITS:
        raise click.ClickException(f"{path}: fail-on={limit}: expected {' or '.join(LIMITS)}")
    if complaints := read({"cluster-name": "any", **flags(found)}).complaints:
        raise click.ClickException("\n".join(f"{path}: {each.removeprefix('--')}" for each in complaints))
    return found


def _parsed(path: Path) -> Mapping[Any, Any]:
    import yaml

    try:
        text = path.read_text()
        found = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except OSError as error:
        raise click.ClickException(f"cannot read {path}: {(error.strerror or '').lower()}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise click.ClickException(f"{path}: {error}") from error
    if not isinstance(found or {}, dict):
        raise click.ClickException(f"{path}: expected keys and values, such as cluster-name: shop")
    return found or {}


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(map(_text, value))
        case dict():
            return ",".join(f"{key}={_text(each)}" for key, each in value.items())
    return str(value)
