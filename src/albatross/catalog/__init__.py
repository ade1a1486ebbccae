"""Tables and parsers of one value. Each table is the only source of its facts."""
