"""The input for reading one Service that becomes a load balancer."""

from albatross.catalog.annotations.service import TARGET_TYPE, TYPE
from albatross.catalog.bounds import PORTS
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import Reader
from albatross.frontend.service.placement import POD_TARGETS, origin
from albatross.model.config import Config
from albatross.model.intent import Setting
from albatross.model.snapshot import Service, Snapshot


class Reading:
    """One Service while it is read: its annotations, the cluster, our settings, and the notes."""

    __slots__ = ("config", "notes", "origin", "reader", "service", "snapshot")

    def __init__(self, service: Service, snapshot: Snapshot, config: Config, notes: ReadingNotes) -> None:
        self.service = service
        self.snapshot = snapshot
        self.config = config
        self.notes = notes
        self.origin = origin(service)
        self.reader = Reader(((self.origin, service.metadata.annotations),), notes)

    @property
    def target_type(self) -> Setting[str]:
        """Whether the targets are pods (ip) or nodes (instance), as the other controller understands the annotations."""
        kind, written = self.reader.raw(TYPE.key), self.reader.raw(TARGET_TYPE.key)
        if kind and kind.value == POD_TARGETS:
            return Setting("ip", kind.origin)
        value = written.value if written else self.config.default_target_type
        return Setting("ip" if value == "ip" else "instance", written.origin if written else self.origin)

    def excessive(self) -> bool:
        """Whether the Service has more ports than what is read; then this is noted."""
        count = len(self.service.ports)
        if count > PORTS:
            words = {"what": "spec.ports", "count": str(count), "of": "listeners", "most": str(PORTS)}
            self.notes.add("LB768", self.origin.at("spec.ports"), None, **words)
        return count > PORTS
