"""Whether the pixels of pictures lie where their axes say, judged by how neighbours resemble each other.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

from typing import Any

import numpy as np

from observe.probe import NotApplicable

SMALLEST = 6


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
    return {"shape": list(lead.shape), "channels_first": first, "ratio": (_first if first else _last)(lead)}


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
