"""Tags that AWS does not take."""

from albatross.catalog.limits import TAG, fits
from albatross.catalog.notes import Notes
from albatross.model.intent import Intent, Keyed


def check(intent: Intent, notes: Notes) -> None:
    """Note keys and values that are too long or have characters that are not allowed."""
    for share in intent.shares:
        _each(share.tags, notes)
    for balancer in intent.balancers:
        for backend in balancer.backends:
            _each(backend.settings.tags, notes)


def _each(given: Keyed, notes: Notes) -> None:
    for key, setting in given.items():
        fit = fits("tag key", key) and fits("tag value", setting.value)
        if not (fit and TAG.fullmatch(key) and TAG.fullmatch(setting.value)):
            notes.add("LB411", setting.origin, key=key, value=setting.value)
