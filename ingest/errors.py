"""What reading a source raises."""


class Unreadable(Exception):
    """A file or a source cannot be read. The message says why, in one sentence, and is what the report says."""
