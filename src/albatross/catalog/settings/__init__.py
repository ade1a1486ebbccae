"""One row for each setting of the controller: flag, environment variable, chart value, type, default and meaning. The flags are those of
the other controller.

Values are texts; `read` converts all of them into a `Config` and `Options`, or returns every error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from albatross.catalog.settings.options import Options
from albatross.catalog.settings.row import PREFIX, Flag
from albatross.catalog.settings.rows import SETTINGS
from albatross.catalog.settings.value import READ, Wrong, duration
from albatross.catalog.tracking import STACK_TAGS
from albatross.model.config import Config

__all__ = ["SETTINGS", "Flag", "Given", "Options", "duration", "read"]


@dataclass(frozen=True, slots=True)
class Given:
    """The result of `read`: settings, or errors in `complaints`. `idle` are flags that are set and have no effect."""

    config: Config
    options: Options
    complaints: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def read(values: Mapping[str, str]) -> Given:
    """Settings from texts by flag. A missing setting has its default."""
    found: dict[str, Any] = {}
    complaints = [f"--{flag} is not a setting" for flag in values if flag not in {row.flag for row in SETTINGS}]
    for row in SETTINGS:
        text = values.get(row.flag, row.default)
        try:
            value = READ[row.kind](text)
            if row.choices and value not in row.choices:
                raise Wrong(" or ".join(row.choices))
        except Wrong as wrong:
            complaints.append(f"--{row.flag}={text}: expected {wrong}")
            continue
        if row.field:
            found[row.field] = value
    config, options = _split(found)
    idle = tuple(row.flag for row in SETTINGS if not row.field and values.get(row.flag, row.default) != row.default)
    return Given(config, options, (*complaints, *_rules(config)), idle)


def _split(found: dict[str, Any]) -> tuple[Config, Options]:
    names = {each.name for each in fields(Config)}
    config = {name: value for name, value in found.items() if name in names}
    config["external_managed_tags"] = frozenset(config["external_managed_tags"])
    config.setdefault("cluster_name", "")
    return Config(**config), Options(**{name: value for name, value in found.items() if name not in names})


def _rules(config: Config) -> list[str]:
    """Errors that depend on several values."""
    said = []
    if not config.cluster_name:
        said.append(f"--cluster-name is missing (or set {PREFIX}CLUSTER_NAME)")
    for flag, keys in (("default-tags", config.default_tags.keys()), ("external-managed-tags", config.external_managed_tags)):
        said += [f"--{flag}: {key} is a tracking tag of the controller and must not be set" for key in sorted(keys & STACK_TAGS)]
    both = sorted(config.default_tags.keys() & config.external_managed_tags)
    said += [f"{key} is in both --default-tags and --external-managed-tags; remove it from one of them" for key in both]
    if config.backend_security_group and not config.backend_security_group.startswith("sg-"):
        said.append(f"--backend-security-group={config.backend_security_group}: expected the id of a security group, such as sg-0a1b2c3d")
    if config.enable_manage_backend_security_group_rules and not config.enable_backend_security_group:
        said.append("--enable-manage-backend-security-group-rules needs --enable-backend-security-group")
    return said
