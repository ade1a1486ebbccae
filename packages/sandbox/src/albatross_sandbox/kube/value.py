"""Small verbs on JSON values, and the clock as Kubernetes writes it."""

import datetime
from collections.abc import Mapping
from typing import Any

Obj = dict[str, Any]
"""One JSON object, as it came from or goes to a client."""


def dig(value: Any, *path: str | int, default: Any = None) -> Any:
    """The value at a path of keys and indexes, or the default where the path ends early or meets null."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return default
        if value is None:
            return default
    return value


def now() -> str:
    """This second, as metav1.Time."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def later(seconds: float) -> str:
    """The time so many seconds from now, as metav1.Time."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def elapsed(stamp: str | None) -> float | None:
    """Seconds since a metav1.Time or MicroTime; None where it cannot be read."""
    if not stamp:
        return None
    try:
        then = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (datetime.datetime.now(datetime.UTC) - then).total_seconds()


def age(stamp: str | None) -> str:
    """How long ago, in kubectl's short form (`5m12s`, `3h`, `2d4h`); `<unknown>` without a time.

    The steps are those of k8s.io/apimachinery/pkg/util/duration HumanDuration.
    """
    seconds = elapsed(stamp)
    if seconds is None:
        return "<unknown>"
    return duration(int(seconds))


def duration(seconds: int) -> str:
    """A span of seconds in kubectl's short form."""
    if seconds < 0:
        return "<invalid>" if seconds < -1 else "0s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _pair(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _pair(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    if days < 2920:
        return _pair(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _pair(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"
