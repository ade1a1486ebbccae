"""Reasons of events, and which warnings still say how it is. Events are JSON here."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]

SUCCESS = "SuccessfullyReconciled"
"""The event after a pass without errors."""
UNREACHED, REGISTERED = "WebhooksNotReached", "WebhooksRegistered"
DISABLED, ENABLED = "FeatureDisabled", "FeatureEnabled"
ENDS: Mapping[str, str] = {UNREACHED: REGISTERED, DISABLED: ENABLED}
"""The reasons of warnings about the controller that a later event ends, with the reason of that event."""

_ACTION = re.compile(r"\b[a-z][\w-]*:[A-Z]\w+")


def failing(events: Iterable[Event]) -> tuple[str, ...]:
    """The messages of `warnings`."""
    return tuple(str(each.get("message", "")) for each in warnings(events))


def warnings(events: Iterable[Event]) -> tuple[Event, ...]:
    """The warnings about one object since its last success: the last event of each reason, the newest first."""
    found = sorted(events, key=_when)
    since = max((n for n, each in enumerate(found) if each.get("reason") == SUCCESS), default=-1)
    last = {str(each.get("reason")): each for each in found[since + 1 :] if each.get("type") == "Warning"}
    return tuple(sorted(last.values(), key=_when, reverse=True))


def standing(events: Iterable[Event], holder: str) -> tuple[str, ...]:
    """The warnings about the controller that no later event ends, the oldest first. `holder` is the holder of its Lease: it starts with
    the name of the pod, so what an earlier pod said is left out."""
    found = sorted((each for each in events if _said_by(each, holder)), key=_when)
    warned = [(n, each) for n, each in enumerate(found) if each.get("type") == "Warning"]
    return tuple(dict.fromkeys(str(each.get("message", "")) for n, each in warned if not any(_ends(later, each) for later in found[n:])))


def _said_by(event: Event, holder: str) -> bool:
    return bool(event.get("reportingInstance")) and holder.startswith(f"{event['reportingInstance']}_")


def _ends(later: Event, warning: Event) -> bool:
    """Whether an event ends a warning; for a feature, it is about the same action."""
    if ENDS.get(str(warning.get("reason"))) != later.get("reason"):
        return False
    action = _ACTION.search(str(later.get("message", "")))
    return action is None or action[0] in str(warning.get("message", ""))


def _when(event: Event) -> tuple[str, int]:
    """When it was written last. Times are in seconds, so the version of the object decides between events of one second."""
    version = str((event.get("metadata") or {}).get("resourceVersion", ""))
    return str(event.get("lastTimestamp") or event.get("eventTime") or ""), int(version) if version.isdecimal() else 0
