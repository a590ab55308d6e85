"""What the knowledge layer raises."""


class IndexUnavailable(Exception):
    """The index cannot be read here. The message holds the command that mends it."""


class PatternError(Exception):
    """A pattern file is malformed. The message names the file, the field and what is expected."""


REBUILD = "run `gradproof ingest --rebuild`"
