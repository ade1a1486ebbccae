"""Findings about a cluster and its account, from evidence that somebody else has collected. One file for each subject; all are rows."""
