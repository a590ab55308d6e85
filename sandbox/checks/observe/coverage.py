"""Which steps of a sequence one answer about the whole of it depends on.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

from typing import Any

from observe.answers import Answers, relative
from observe.positions import by_position, disturbed, some_positions
from observe.probe import NotApplicable

SHORTEST = 6


def coverage(subject: Any) -> dict[str, Any]:
    """The steps that were changed, and those of them that moved the answer at all."""
    answers: Answers = subject.answers
    answers.must_repeat()
    value = answers.inputs[answers.lead]
    sequence = value.ndim == 3 or (value.ndim == 2 and value.dtype.kind in "iu")
    if not sequence or value.shape[1] < SHORTEST or by_position(answers.base, value, 1) is not None:
        raise NotApplicable("There is no one answer about a sequence.")
    asked = sorted({0, *some_positions(value.shape[1])})
    moved = [
        position
        for position in asked
        if relative(answers.changed(answers.lead, disturbed(value, 1, position)), answers.base) > 0
    ]
    return {"length": value.shape[1], "asked": asked, "moved": moved}
