"""The form of a setting."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "flag", "duration", "map", "list", "gates", "choice", "limit", "endpoints", "ratio"]

PREFIX = "ALBATROSS_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One setting. `field` is an attribute of Config or Options. A setting without a field is accepted and has no effect yet."""

    flag: str
    kind: Kind
    help: str
    default: str = ""
    field: str = ""
    chart: str = ""
    choices: tuple[str, ...] = ()

    @property
    def env(self) -> str:
        """The environment variable of the setting. The flag overrides it."""
        return PREFIX + self.flag.upper().replace("-", "_")


def row(flag: str, kind: Kind, default: str, help: str, **more: Any) -> Flag:
    return Flag(flag=flag, kind=kind, default=default, help=help, **more)


def config(flag: str, kind: Kind, default: str, help: str, **more: Any) -> Flag:
    return row(flag, kind, default, help, **{"field": flag.replace("-", "_"), **more})
