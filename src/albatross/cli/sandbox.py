"""`albatross sandbox`: the commands of `albatross-sandbox`, which is installed beside."""

from albatross_sandbox.command import sandbox

__all__ = ["sandbox"]
