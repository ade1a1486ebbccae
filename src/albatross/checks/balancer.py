"""The load balancer's name, and capacity that is paid for."""

from albatross.catalog.limits import NAME
from albatross.catalog.notes import Notes
from albatross.model.intent import Intent, Member, Setting


def check(intent: Intent, notes: Notes) -> None:
    """Note names that AWS refuses, and reserved capacity."""
    for member in intent.members:
        if member.settings.name:
            _name(member.settings.name, notes)
        _capacity(member, notes)


def _name(name: Setting[str], notes: Notes) -> None:
    if NAME.fullmatch(name.value):
        return
    if not name.value:
        reason = "it is empty"
    elif name.value.startswith("internal-"):
        reason = "it starts with internal-"
    elif name.value.strip("-") != name.value:
        reason = "it has a hyphen at an end"
    else:
        reason = "it has characters other than letters, digits and hyphens"
    notes.add("LB157", name.origin, name=name.value, reason=reason)


def _capacity(member: Member, notes: Notes) -> None:
    for capacity in (member.settings.minimum_capacity, member.overrides.minimum_capacity):
        if capacity is not None:
            notes.add("LB408", capacity.origin, units=str(capacity.value))
