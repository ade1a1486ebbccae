"""One session with AWS: the way there, and what is remembered of the account."""

from types import TracebackType

from albatross.aws.session.cache import TimedCache
from albatross.aws.session.inventory import Inventory
from albatross.aws.session.throttle import Throttle
from albatross.aws.session.transport import Settings, Transport, Watcher
from albatross.clock import Clock
from albatross.model.config import Config


class Session(Transport):
    """An async context manager; what it remembers (inventory, answers) is shared by all that use it.

    `secrets` are fingerprints of client secrets by listener or rule, since AWS never tells them back; they last as long as the process.
    `held` are security groups that could not be deleted: since when (session clock), and how often that was tried.
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

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cache.close()
        self.inventory.close()
        await super().__aexit__(kind, error, trace)
