"""Converts our nouns to the JSON of AWS's API and back; makes no calls, except for certificates."""
