"""What can go wrong between us and a Kubernetes API server. Decide by class or `reason`, never by message text."""

from dataclasses import dataclass, field

from albatross.errors import AlbatrossError


class KubeError(AlbatrossError):
    """Anything the Kubernetes half raises."""


@dataclass(eq=False)
class Unconfigured(KubeError):
    """No usable way to a cluster: what is missing, and the ways to supply it."""

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


@dataclass(eq=False)
class Refused(KubeError):
    """The server answered with a Status of failure. `retry_after` is in seconds, None where the server named none."""

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
    """403: the credentials are known, their roles do not allow it."""


class KubeNotFound(Refused):
    """404: the object, or its kind, does not exist."""


class KubeConflict(Refused):
    """409: it exists already, or was changed in between."""


class Gone(Refused):
    """410: the resource version is older than the server remembers; list anew."""


class KubeInvalid(Refused):
    """422: the object breaks its schema; `causes` name the fields."""


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
"""The class of each HTTP status; any other is plainly `Refused`."""
