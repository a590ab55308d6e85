"""Findings about pictures whose channels are not where a Keras model looks for them."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

COLOURS = (1, 3, 4)
SMALLEST = 8
"""Pixels of a side from which on an axis is surely no channels of a picture."""


class Images(BaseModel):
    """What the first convolution is given, and what the model itself is given."""

    layer: str
    shape: list[int]
    given: list[int]
    format: Literal["channels_first", "channels_last"]
    where: Place = None


def images(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A picture of one, three or four rows is its channels; with one row the sides must be equal to be sure."""
    one = evidence.probe("images", Images)
    if one is None or len(one.shape) != 4 or one.shape != one.given:
        return
    first = one.format == "channels_first"
    channels, sides = (one.shape[3], one.shape[1:3]) if first else (one.shape[1], one.shape[2:])
    if channels not in COLOURS or min(sides) < SMALLEST or (channels != 3 and sides[0] != sides[1]):
        return
    message = f"{one.layer} looks for the channels on axis {1 if first else 3}, and is given pictures {one.shape}: "
    message += f"{channels} on axis {3 if first else 1} are the channels."
    fix = "Move the axis: np.moveaxis(x, 1, -1), or x.transpose(0, 2, 3, 1)."
    yield make("channels-misplaced", "warning", message, fix, at=one.where, shape=one.shape)
