"""YAML and JSON files → Snapshot, with the line and column of everything in them."""

from albatross.manifests.load import Loaded, load
from albatross.manifests.source import FILE, Place, Sources

__all__ = ["FILE", "Loaded", "Place", "Sources", "load"]
