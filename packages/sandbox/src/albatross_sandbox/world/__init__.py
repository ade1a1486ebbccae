"""Sandbox worlds: a Kubernetes API, an AWS account, a data plane and (optional) our controller, started and stopped together."""

from albatross_sandbox.world.launch import Options, World, current, down, running, status, up
from albatross_sandbox.world.part import clean
from albatross_sandbox.world.state import Trouble, controllable, folder, program

__all__ = [
    "Options",
    "Trouble",
    "World",
    "clean",
    "controllable",
    "current",
    "down",
    "folder",
    "program",
    "running",
    "status",
    "up",
]
