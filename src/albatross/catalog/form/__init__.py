"""JSON values of annotations, one noun for each file: how a value is read, and what it must contain."""

REMARKS = frozenset({"LB110", "LB111", "LB119", "LB126", "LB127"})
"""Codes of faults that are reported, but do not make a value invalid."""
