"""`albatross sandbox`: the commands of the distribution `albatross-sandbox`."""

from albatross_sandbox.command import sandbox

__all__ = ["sandbox"]
