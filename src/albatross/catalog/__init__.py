"""Tables, the single sources of truth: data, and parsers of one value."""
