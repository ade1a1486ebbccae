"""A command that cannot outlive the process that started it.

Whoever starts `argv(...)` keeps the write end of its stdin. When that pipe closes (it let go, or was killed), the command's
whole process group gets TERM, and KILL two seconds later. It must be started in a session of its own.
"""

from collections.abc import Iterable

# The watchdog ignores TERM so that it survives its own signal long enough to send the second.
_SCRIPT = """
exec 3<&0
( trap '' TERM; exec >/dev/null 2>&1; read -r _ <&3; kill -TERM -$$; sleep 2; kill -KILL -$$ ) &
exec "$@" </dev/null 3<&-
"""


def argv(command: Iterable[str]) -> list[str]:
    """The guarded command; its process id is the one of the shell started, which it replaces."""
    return ["/bin/sh", "-c", _SCRIPT, "sh", *command]
