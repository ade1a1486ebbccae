"""What a step brings: ids that were references before."""

from collections.abc import Mapping

from albatross.model.resources.ref import Ref

Learnt = Mapping[Ref, str]
"""Ids by reference; empty for a step that makes nothing."""
