"""What can go wrong that is not the draft's fault, and the one place that gives it an exit status."""

from knowledge.errors import IndexUnavailable, PatternError
from sandbox.errors import SandboxError

VERIFIED, NOT_VERIFIED, BAD_REQUEST, UNAVAILABLE, DECLINED, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit statuses of the command."""


class RequestError(Exception):
    """The request cannot be worked on as it is. The message says what is wrong and how to mend it."""


class ConfigurationError(Exception):
    """A setting is wrong. The message names it and what it may be."""


class ModelUnavailable(Exception):
    """The model endpoint cannot be used. The message says what to set."""


class UnusableAnswer(ModelUnavailable):
    """The model answered, and with nothing that can be used; another question may fare better."""


class BudgetSpent(Exception):
    """The question's budget leaves nothing for another call of the model. The message gives the figures."""


class Stopped(Exception):
    """The user pressed Stop while the model was being asked."""


EXPLAINED_ERRORS = (
    RequestError,
    ConfigurationError,
    PatternError,
    SandboxError,
    IndexUnavailable,
    ModelUnavailable,
    BudgetSpent,
    Stopped,
)
"""Every error that is shown as its own sentence; anything else is a fault of gradproof."""


def exit_status(error: Exception) -> int:
    """The exit status for one of EXPLAINED_ERRORS."""
    if isinstance(error, Stopped):
        return INTERRUPTED
    if isinstance(error, BudgetSpent):
        return NOT_VERIFIED
    return UNAVAILABLE if isinstance(error, SandboxError | IndexUnavailable | ModelUnavailable) else BAD_REQUEST
