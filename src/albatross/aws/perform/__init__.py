"""Writes to AWS: one file per noun; `operation.perform` selects it."""
