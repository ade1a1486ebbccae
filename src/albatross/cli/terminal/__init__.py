"""What results look like on a terminal: diagnostics, plans, trees, progress."""
