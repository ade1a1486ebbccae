"""Data classes: frozen, with slots. They have no actions, and use the standard library only."""
