"""What the sandbox raises: a broken sandbox is an exception, a broken program is an ExecResult."""


class SandboxError(Exception):
    """The sandbox cannot be used here. The message says what is missing and the command that mends it."""
