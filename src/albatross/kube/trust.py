"""The TLS context of a client: the authorities it trusts and its certificate, read again when the files are rotated."""

import os
import ssl
import tempfile
from dataclasses import dataclass, field

from albatross.clock import Clock
from albatross.kube.config import Access, Material
from albatross.kube.errors import Unconfigured

CHECK_SECONDS = 30


@dataclass
class Trust:
    """An `ssl.SSLContext` that follows its files: changed certificates are loaded into it, and new connections use them."""

    access: Access
    clock: Clock = field(default_factory=Clock)
    context: ssl.SSLContext = field(init=False)
    _seen: tuple[float, ...] = ()
    _checked: float = field(init=False)

    def __post_init__(self) -> None:
        self.context = ssl.create_default_context()
        if self.access.insecure:
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        elif self.access.ca:
            # A cluster's own authority replaces the system's authorities, as in client-go.
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._checked = self.clock.now()
        self._load()

    def refresh(self) -> None:
        """Load the files again if one has changed; checks at most twice a minute."""
        if self.clock.now() - self._checked > CHECK_SECONDS:
            self.reload()

    def reload(self) -> bool:
        """Load the files again if one has changed; returns whether one had."""
        self._checked = self.clock.now()
        changed = self._stamps() != self._seen
        if changed:
            self._load()
        return changed

    def _load(self) -> None:
        access = self.access
        self._seen = self._stamps()
        try:
            if access.ca and not access.insecure:
                self.context.load_verify_locations(cafile=access.ca.path or None, cadata=access.ca.data.decode() or None)
            if access.certificate:
                _present(self.context, access.certificate, access.key)
        except (OSError, ValueError) as error:
            raise Unconfigured(f"{access.source}: its certificates cannot be loaded: {error}") from error

    def _stamps(self) -> tuple[float, ...]:
        paths = [material.path for material in (self.access.ca, self.access.certificate, self.access.key) if material.path]
        return tuple(os.stat(path).st_mtime if os.path.exists(path) else 0.0 for path in paths)


def _present(context: ssl.SSLContext, certificate: Material, key: Material) -> None:
    with tempfile.TemporaryDirectory(prefix="albatross-") as folder:  # mode 0700; the ssl module can read key pairs only from files
        context.load_cert_chain(_file(certificate, folder, "tls.crt"), _file(key, folder, "tls.key") if key else None)


def _file(material: Material, folder: str, name: str) -> str:
    if not material.data:
        return material.path
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(material.data)
    return path
