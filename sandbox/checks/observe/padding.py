"""Whether padding at the end of sequences changes what a model answers about the rest.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

from typing import Any

import numpy as np

from observe.answers import Answers, changes, take
from observe.positions import by_position
from observe.probe import NotApplicable


def padding(subject: Any) -> dict[str, Any]:
    """Cut padding off the shorter samples: how much does the answer about what is left move?"""
    answers: Answers = subject.answers
    answers.must_repeat()
    inputs = subject.arrays()
    found = _padded(inputs[answers.lead], subject.padding_ids)
    if found is None:
        raise NotApplicable("The sequences show no padding at their end.")
    id, lengths = found
    length = int(np.sort(lengths)[: max(1, len(lengths) // 4)].max())
    short = np.flatnonzero(lengths <= length)[:16]
    rows, width = inputs[answers.lead].shape[:2]
    whole = take(inputs, rows, short)
    cut = [one[:, :length] if one.ndim >= 2 and one.shape[1] == width else one for one in whole]
    before, after = answers(whole), answers(cut)
    lead, shorter = whole[answers.lead], cut[answers.lead]
    real = np.arange(length)[None] < lengths[short][:, None]
    ordered, left = by_position(before, lead, 1), by_position(after, shorter, 1)
    if ordered is not None and left is not None:
        difference = float(changes(left, ordered[:, :length])[real].max())
    elif before.shape == after.shape:
        difference = float(changes(after, before).max())
    else:
        raise NotApplicable("The output's shape depends on the padding in another way.")
    return {"id": id, "length": width, "cut_to": length, "samples": len(short), "difference": difference}


def _padded(lead: np.ndarray, declared: list[int]) -> tuple[int, np.ndarray] | None:
    """The padding id and each sample's length, where at least a quarter of the samples end in one and the same id."""
    if lead.ndim != 2 or lead.dtype.kind not in "iu" or lead.shape[1] < 4:
        return None
    last, counts = np.unique(lead[:, -1], return_counts=True)
    for id in [*declared, int(last[counts.argmax()])]:
        real = lead != id
        lengths = np.where(real.any(1), lead.shape[1] - real[:, ::-1].argmax(1), 0)
        if (lead[:, 0] == id).mean() > 0.2 or (lengths < lead.shape[1] - 1).mean() < 0.25 or lengths.min() == 0:
            continue
        inside = sum(int((row[:length] == id).sum()) for row, length in zip(lead, lengths, strict=True))
        if inside <= 0.02 * lengths.sum() and lengths.min() < lead.shape[1]:
            return int(id), lengths
    return None
