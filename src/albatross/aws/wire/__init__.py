"""Between our nouns and the JSON of AWS's API, both ways; no calls."""
