"""The result of a step: ids that were references before."""

from collections.abc import Mapping

from albatross.model.resources.ref import Ref

Learnt = Mapping[Ref, str]
"""Ids by reference; empty for a step that creates no resource."""
