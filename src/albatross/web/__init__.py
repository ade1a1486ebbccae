"""Serves the page. It reads what the controller already keeps, and changes nothing."""
