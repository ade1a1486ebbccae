"""JSON values of annotations, one noun a file: how each is read and what it must hold."""

REMARKS = frozenset({"LB110", "LB111", "LB119", "LB126", "LB127"})
"""Faults that are worth saying but refuse nothing."""
