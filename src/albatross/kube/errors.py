"""The errors of a Kubernetes API server and its connection. Decide by class or `reason`, never by the text of a message."""

from dataclasses import dataclass, field

from albatross.errors import AlbatrossError


class KubeError(AlbatrossError):
    """Every error of the Kubernetes part."""


@dataclass(eq=False)
class Unconfigured(KubeError):
    """No usable access to a cluster: the missing part, and the ways to supply it."""

    missing: str
    ways: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.missing + "".join(f"\n  - {way}" for way in self.ways)


@dataclass(eq=False)
class Unreachable(KubeError):
    """The server gave no complete answer: refused, reset, timed out, or its certificate is not trusted."""

    server: str
    cause: str

    def __str__(self) -> str:
        return f"cannot reach the Kubernetes API at {self.server}: {self.cause}"


class Silent(Unreachable):
    """The server accepted the connection, and then sent nothing in time."""


@dataclass(eq=False)
class Refused(KubeError):
    """The server answered with a Status of failure. `retry_after` is in seconds; None if the server did not send it."""

    method: str
    path: str
    status: int
    reason: str = ""
    message: str = ""
    retry_after: float | None = None
    causes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status} {self.reason}: {self.message}".rstrip(": ")


class Unauthorized(Refused):
    """401: the credentials are missing, wrong or expired."""


class Forbidden(Refused):
    """403: the credentials are valid, but their roles do not allow this."""


class KubeNotFound(Refused):
    """404: the object, or its kind, does not exist."""


class KubeConflict(Refused):
    """409: the object exists already, or it was changed in the meantime."""


class Gone(Refused):
    """410: the server does not have this old resource version any more; list again."""


class KubeInvalid(Refused):
    """422: the object does not match its schema; `causes` name the fields."""


class KubeThrottled(Refused):
    """429: too many requests; wait `retry_after`."""


CLASSES: dict[int, type[Refused]] = {
    401: Unauthorized,
    403: Forbidden,
    404: KubeNotFound,
    409: KubeConflict,
    410: Gone,
    422: KubeInvalid,
    429: KubeThrottled,
}
"""The class for each HTTP status; every other status is `Refused`."""
