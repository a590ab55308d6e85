"""What reading a source and vetting a program raise."""


class Unreadable(Exception):
    """A file or a source cannot be read. The message says why, in one sentence, and is what the report says.

    `about` is the message without what differs from one document to the next, where something does.
    """

    def __init__(self, message: str, *, about: str = "") -> None:
        super().__init__(message)
        self.about = about


class CannotVet(Exception):
    """This machine lacks what the pattern needs, which says nothing about the pattern."""
