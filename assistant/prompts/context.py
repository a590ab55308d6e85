"""What of a prompt fits into a model's window: parts are left out by value, and what was left out is said."""

import math
from collections.abc import Sequence

from pydantic import BaseModel

from assistant.errors import ModelUnavailable
from assistant.model.tokens import estimate_tokens

REPLY_SHARE = 0.35
LEAST_REPLY = 2048
MOST_REPLY = 16_000
"""Longer than any project asked for here; some endpoints refuse to be asked for more."""
PRIORITIES = (
    "file of the project so far",
    "attached code to change",
    "attached file that is meant",
    "model pattern",
    "data pattern",
    "other file of the project",
    "loop pattern",
    "evaluation pattern",
    "loss pattern",
    "precision pattern",
    "augmentation pattern",
    "pattern for a fault",
    "schedule pattern",
    "other attached data",
    "logging pattern",
    "other pattern",
    "early-stopping pattern",
    "nearest lesson",
    "notes of repairs",
    "checkpoint pattern",
    "loaders pattern",
    "optimizer pattern",
    "seed pattern",
    "diff of a repair",
    "other attached file",
    "wrong example for a fault",
    "further lesson",
    "wrong example",
)
"""Kinds of parts, those to keep first. What shows how the program's core is written comes before what a model writes
well unaided; of one kind, the part that stands first in the prompt is kept first."""


class Part(BaseModel):
    """Something that a prompt can do without."""

    name: str
    """What a sentence to the user calls it."""
    group: str
    """Where the prompt puts it."""
    text: str
    kind: str
    """One of PRIORITIES."""
    pattern: str | None = None
    """Id, where it is a vetted pattern's correct program."""
    belongs_to: str | None = None
    """Name of the part without which this one says nothing."""


def reply_room(window: int) -> int:
    """Tokens of the window that are kept for the reply."""
    return min(MOST_REPLY, max(LEAST_REPLY, int(REPLY_SHARE * window)))


def fit(parts: Sequence[Part], *, necessary: int, window: int, model: str) -> list[Part]:
    """The parts that fit beside `necessary` tokens, in the order given; they are taken by their PRIORITIES.

    Raises ModelUnavailable where the necessary tokens alone do not fit.
    """
    room = window - reply_room(window) - necessary
    if room < 0:
        raise ModelUnavailable(_too_small(model, window, necessary))
    kept: set[str] = set()
    for part in sorted(parts, key=lambda one: PRIORITIES.index(one.kind)):
        cost = estimate_tokens(part.text)
        if cost <= room and (part.belongs_to is None or part.belongs_to in kept):
            kept.add(part.name)
            room -= cost
    return [part for part in parts if part.name in kept]


def told_left_out(parts: Sequence[Part], kept: Sequence[Part], *, window: int, known: bool) -> list[str]:
    """One sentence that names what had no room; none where all of it had."""
    names = [part.name for part in parts if part not in kept]
    if not names:
        return []
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    if known:
        return [f"The model's window of {window:,} tokens had no room for {shown}."]
    return [
        f"The model's window is taken to be {window:,} tokens, because its endpoint does not say, and had no room for "
        f"{shown}; set GRADPROOF_MODEL_CONTEXT if it is larger."
    ]


def _too_small(model: str, window: int, necessary: int) -> str:
    needed = max(necessary + LEAST_REPLY, math.ceil(necessary / (1 - REPLY_SHARE)))
    needed = min(needed, necessary + MOST_REPLY)
    return (
        f"The window of {model!r} is taken to be {window:,} tokens, and this question needs {needed:,}; "
        "use a model with a larger window, or set GRADPROOF_MODEL_CONTEXT if this one has it."
    )
