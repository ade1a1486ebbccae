"""Pure: what has to exist before the controller can run, generated from the catalog."""
