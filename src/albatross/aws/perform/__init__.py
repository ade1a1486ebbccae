"""Writes: one file a noun, `operation.perform` picks it."""
