"""In which order samples came: the same in each epoch, hardly mixed, sorted by label, or in the same batches.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

import itertools
from typing import Any

import numpy as np

from observe.data import Epoch, Samples


def order(samples: Samples) -> dict[str, Any]:
    """Figures of the first two passes of one set; empty where there were no two that can be compared."""
    epochs = [one for one in split(samples.epochs) if one.marks]
    if len(epochs) < 2 or len(epochs[0].marks) < 2:
        return {}
    first, second = epochs[:2]
    one, two = np.concatenate(first.marks), np.concatenate(second.marks)
    size = min(len(one), len(two))
    if size < 16 or len(np.unique(one)) < 0.9 * len(one):
        return {}
    figures: dict[str, Any] = {
        "batches": len(first.marks),
        "rows": len(one),
        "again": float(np.isin(two, one).mean()),
        "in_place": float((one[:size] == two[:size]).mean()),
        "same_batches": _same_batches(first, second),
    }
    figures |= _labels(first, second)
    if len(first.labels) == len(first.marks) and len(second.labels) == len(second.marks):
        figures["relabelled"] = _relabelled(one, np.concatenate(first.labels), two, np.concatenate(second.labels))
    return figures


def _relabelled(one: np.ndarray, labels: np.ndarray, two: np.ndarray, other: np.ndarray) -> float:
    """Share of the samples of both passes that came with another label the second time."""
    _, first, second = np.intersect1d(one, two, return_indices=True)
    return float((labels[first] != other[second]).mean()) if len(first) >= 16 else 0.0


def split(epochs: list[Epoch]) -> list[Epoch]:
    """Without a loader all batches are one stream: it is cut where the first sample comes again."""
    if len(epochs) != 1 or not epochs[0].marks:
        return epochs
    stream, found, seen = epochs[0], [Epoch()], set()
    labelled = len(stream.labels) == len(stream.marks)
    for number, batch in enumerate(stream.marks):
        own = set(batch.tolist())
        if own & seen:
            found.append(Epoch())
            seen = set()
            if len(found) > 3:
                break
        seen |= own
        found[-1].add(batch, stream.labels[number] if labelled else None)
    return found[:3]


def _same_batches(first: Epoch, second: Epoch) -> float:
    """Share of batches of more than one sample that hold the same samples as one of the pass before."""
    before = {np.sort(batch).tobytes() for batch in first.marks if len(batch) > 1}
    again = [np.sort(batch).tobytes() in before for batch in second.marks if len(batch) > 1]
    return float(np.mean(again)) if again else 0.0


def _labels(first: Epoch, second: Epoch) -> dict[str, Any]:
    if not first.labels or not second.labels:
        return {}
    one, two = np.concatenate(first.labels), np.concatenate(second.labels)
    _, counts = np.unique(one, return_counts=True)
    chance = float(((counts / len(one)) ** 2).sum())
    figures = {
        "label_chance": chance,
        "label_runs": float((one[1:] == one[:-1]).mean()) if len(one) > 1 else 0.0,
    }
    if len(one) == len(two):
        figures["labels_in_place"] = float((one == two).mean())
    return figures


def sorted_rows(rows: np.ndarray) -> bool:
    """Whether each sample is the one before it, moved on: the windows of a series."""
    if rows.shape[1] < 3 or len(rows) < 4:
        return False
    sample = rows[: min(len(rows), 64)]
    shared = [float(np.isin(after, before).mean()) for before, after in itertools.pairwise(sample)]
    return float(np.median(shared)) >= 0.5 and len(np.unique(sample)) > 0.02 * sample.size + 8
