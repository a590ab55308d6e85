"""Whether the pixels of pictures lie where their axes say, judged by how neighbours resemble each other.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

from typing import Any

import numpy as np

from observe.probe import NotApplicable

SMALLEST = 6
LEAST_COMMON, CHANCE = 0.05, 8.0
"""Least correlation of neighbours, and how many times what chance would make of it."""


def pictures(subject: Any) -> dict[str, Any]:
    """How far neighbours in memory differ, against neighbours in the picture: below one for reshaped pictures."""
    lead = subject.answers.inputs[subject.answers.lead]
    if lead.ndim != 4:
        raise NotApplicable("The input holds no pictures.")
    if np.ptp(lead) == 0:
        raise NotApplicable("The pictures are blank.")
    first = 1 < lead.shape[1] <= 4 and min(lead.shape[2:]) >= SMALLEST
    last = 1 < lead.shape[3] <= 4 and min(lead.shape[1:3]) >= SMALLEST
    if first == last:
        raise NotApplicable("The pictures have one channel, or their channels are not known.")
    ratio = (_first if first else _last)(lead)
    return {
        "shape": list(lead.shape),
        "channels_first": first,
        "ratio": ratio,
        "turned": _is_turned(lead) if first else _was_planes(lead),
    }


def _is_turned(lead: np.ndarray) -> bool:
    """Whether rows as many apart as there are channels go together, and rows beside each other do not.

    Of pictures whose channels came last, a reshape lays each row of pixels into as many rows as there are channels. Of
    noisy pictures, too, where neighbours differ by the noise: what is common to them adds up over all pixels.
    """
    rows, channels = lead.astype(np.float64), lead.shape[1]
    rows = rows - rows.mean((2, 3), keepdims=True)
    size = max(1e-12, float(np.square(rows).mean()))
    below, further = (float((rows[..., by:, :] * rows[..., :-by, :]).mean()) / size for by in (1, channels))
    beside = float((rows[..., channels:] * rows[..., :-channels]).mean()) / size
    certain = max(LEAST_COMMON, CHANCE / rows.size**0.5)
    return min(further, beside) > max(certain, 2 * below)


def _was_planes(lead: np.ndarray) -> bool:
    """Whether values go together that were neighbours in a plane, beside and below, more than those of pixels now.

    Beside each other across the border of two pixels alone: the channels of one pixel may well be alike.
    """
    values = lead.astype(np.float64) - lead.mean(0)
    flat, (width, channels) = values.reshape(len(values), -1), lead.shape[2:]
    beside = _agreement(values[:, :, :-1, -1], values[:, :, 1:, 0]), _agreement(values[:, :, :-1], values[:, :, 1:])
    below = tuple(_agreement(flat[:, :-apart], flat[:, apart:]) for apart in (width, width * channels))
    certain = max(LEAST_COMMON, CHANCE / lead.size**0.5)
    return all(before > now + certain for before, now in (beside, below))


def _agreement(one: np.ndarray, other: np.ndarray) -> float:
    scale = float(np.sqrt(np.square(one).sum() * np.square(other).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0


def _first(lead: np.ndarray) -> float:
    """Of pictures whose channels came last, a reshape leaves equal channels as many columns apart as there are."""
    rows = lead.astype(np.float64)
    channels = lead.shape[1]
    return _ratio(rows[..., channels:] - rows[..., :-channels], rows[..., 1:] - rows[..., :-1])


def _last(lead: np.ndarray) -> float:
    """Of pictures whose channels came first, a reshape lays neighbouring columns into the channels of one pixel."""
    rows = lead.astype(np.float64)
    follows = rows[:, :, 1:, 0] - rows[:, :, :-1, -1]
    return _ratio(follows, rows[:, :, 1:] - rows[:, :, :-1])


def _ratio(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first).mean() / max(1e-12, np.abs(second).mean()))
