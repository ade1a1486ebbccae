"""Reads from AWS: answers to questions, and the state of a stack."""
