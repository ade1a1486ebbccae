"""The one tree of exceptions: for faults of ours and of AWS; what a user can fix is a Problem instead."""


class AlbatrossError(Exception):
    """Anything this program raises on purpose; its text is lower case, names the object and says the next step."""
