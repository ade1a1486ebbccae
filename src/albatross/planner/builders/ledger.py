"""What goes wrong while a group is built, and whom it concerns."""

from albatross.catalog.notes import Notes
from albatross.model.ident import Ident
from albatross.model.intent import Member
from albatross.model.problem import Origin, Problem


class Ledger(Notes):
    """Problems of one build. An error that is nobody's alone breaks it; a blamed member is faulty, a withheld one serves no routes.

    `live` are members that are being served: to withhold one of those would take it down, so it breaks the build instead, and all
    stays as it is.
    """

    def __init__(self, live: frozenset[Ident] = frozenset()) -> None:
        super().__init__()
        self._live = live
        self.broken = False
        self.faulty: set[Ident] = set()
        self.withheld: set[Ident] = set()

    def fail(self, code: str, origin: Origin, **args: str) -> None:
        """Note an error that concerns the load balancer itself: nothing may be built."""
        self.add(code, origin, "error", **args)
        self.broken = True

    def blame(self, member: Ident, code: str, origin: Origin, *related: Origin, **args: str) -> None:
        """Note an error of one member; `related` are the other places that it is about."""
        self.put(Problem(code, origin, tuple(sorted(args.items())), "error", related))
        self.faulty.add(member)

    def withhold(self, member: Ident, code: str, origin: Origin, *related: Origin, **args: str) -> None:
        """Note an error of one member whose routes cannot be served on what the others agreed on."""
        self.blame(member, code, origin, *related, **args)
        self.withheld.add(member)
        self.broken = self.broken or member in self._live

    def blamed(self, members: tuple[Member, ...]) -> bool:
        """Whether every member is at fault, so that nothing is left to build."""
        return bool(members) and all(member.faulty or member.ident in self.faulty for member in members)
