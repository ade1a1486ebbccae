"""Nouns: frozen, slotted dataclasses; no verbs, standard library only."""
