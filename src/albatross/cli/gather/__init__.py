"""Collects the evidence of `why` and `doctor`: every part by itself, at the same time. A part that fails says why; the others go on."""
