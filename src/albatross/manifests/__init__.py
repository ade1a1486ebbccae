"""YAML and JSON files → Snapshot, with the line and column of every value."""

from albatross.manifests import edit
from albatross.manifests.comment import Ignore, ignores
from albatross.manifests.load import Loaded, load, read
from albatross.manifests.source import FILE, Place, Sources
from albatross.manifests.text import Text, Unread, save, texts

__all__ = ["FILE", "Ignore", "Loaded", "Place", "Sources", "Text", "Unread", "edit", "ignores", "load", "read", "save", "texts"]
