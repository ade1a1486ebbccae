"""The output on a terminal: diagnostics, plans, trees, progress."""
