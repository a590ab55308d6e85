"""What the sandbox raises: a broken sandbox is an exception, a broken program is an ExecResult."""


class ProgramError(ValueError):
    """A program cannot be checked as it was given. The message says why and what to give instead."""


class SandboxError(Exception):
    """The sandbox cannot be used here. The message says what is missing and the command that mends it."""
