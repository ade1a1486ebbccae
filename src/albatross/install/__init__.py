"""Pure: what must exist before the controller can run, generated from the catalog."""
