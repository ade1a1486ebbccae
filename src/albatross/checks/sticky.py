"""Rules that send requests to several target groups, some of which keep a client on one target."""

from albatross.catalog.notes import Notes
from albatross.model.intent import ForwardTo, Intent, Route

STICKY = "stickiness.enabled"


def check(intent: Intent, notes: Notes) -> None:
    """Note rules with several target groups that AWS refuses, because a group is sticky and the rule is not."""
    for share in intent.shares:
        for route in share.routes:
            if isinstance(route.answer, ForwardTo):
                _forward(route.answer, route, notes)


def _forward(forward: ForwardTo, route: Route, notes: Notes) -> None:
    if len(forward.targets) < 2 or (forward.stickiness and forward.stickiness.enabled):
        return
    backends = (target.backend for target in forward.targets if target.backend)
    written = (backend.settings.attributes.get(STICKY) for backend in backends)
    setting = next((each for each in written if each and each.value == "true"), None)
    if setting:
        notes.add("LB433", setting.origin, rule=f"{route.origin.object} {route.origin.field}")
