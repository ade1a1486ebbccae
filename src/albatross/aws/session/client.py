"""One session with AWS: the transport, and the cached data of the account."""

from types import TracebackType

from albatross.aws.session.cache import TimedCache
from albatross.aws.session.inventory import Inventory
from albatross.aws.session.throttle import Throttle
from albatross.aws.session.transport import Settings, Transport, Watcher
from albatross.clock import Clock
from albatross.model.config import Config


class Session(Transport):
    """An async context manager; all users share its cached data (inventory, answers).

    `secrets` are fingerprints of client secrets by listener or rule, because AWS never returns them; they are kept until the process ends.
    `fresh` are target groups that this session created and that nobody has asked about.
    `backend` is the shared security group, if it was found or created; errors that may concern it empty it.
    `written` has what was created or changed a moment ago, as a number, with the time.
    `held` are security groups that could not be deleted: since when (session clock), and how many tries there were.
    """

    def __init__(
        self,
        config: Config,
        *,
        settings: Settings | None = None,
        throttle: Throttle | None = None,
        clock: Clock | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        super().__init__(config, settings=settings, throttle=throttle, clock=clock, watcher=watcher)
        self.inventory = Inventory(self)
        self.cache = TimedCache(self.clock)
        self.secrets: dict[str, str] = {}
        self.held: dict[str, tuple[float, int]] = {}
        self.fresh: set[str] = set()
        self.written: dict[int, float] = {}
        self.backend = ""

    def born(self, arn: str) -> bool:
        """Whether this session has created the target group, asked once: later answers are no."""
        known = arn in self.fresh
        self.fresh.discard(arn)
        return known

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cache.close()
        self.inventory.close()
        await super().__aexit__(kind, error, trace)
