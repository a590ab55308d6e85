"""How the targets of a loss stand to the tokens that the model was given: shifted, padded, or out of order.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

from typing import Any

import numpy as np

SHIFTS = (0, 1, 2)
LARGEST = 60_000
"""Values of an output that are looked up one by one."""
LEAST_ROWS = 3


def describe_tokens(target: np.ndarray, ids: np.ndarray) -> dict[str, Any]:
    """Figures of the targets of a model that was given `ids`, of shape (rows, length)."""
    rows, length = ids.shape
    if not rows or target.size % rows or length < 4 or not length - 2 <= target.size // rows <= length:
        return {}
    target = target.reshape(rows, -1)
    return _shifts(ids, target) | _padding(ids, target)


def _shifts(ids: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """Share of the targets that equal the token at their place, one later, and two later."""
    length = ids.shape[1]
    shares = []
    for shift in SHIFTS:
        width = min(target.shape[1], length - shift)
        asked = target[:, :width]
        kept = asked >= 0
        same = (asked == ids[:, shift : shift + width])[kept]
        shares.append(round(float(same.mean()), 4) if same.size else 0.0)
    return {"shifts": shares, "tokens": len(np.unique(ids))}


def _padding(ids: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """The id that fills up the ends (or the starts) of rows of different lengths, in targets and inputs alike."""
    if len(target) < 4:
        return {}
    for side in (target, target[:, ::-1]):
        values, counts = np.unique(side[:, -1], return_counts=True)
        last = values[counts.argmax()]
        runs = np.where((side != last).any(1), (side[:, ::-1] != last).argmax(1), side.shape[1])
        inside = sum(int((row[: side.shape[1] - run] == last).sum()) for row, run in zip(side, runs, strict=True))
        filled, share = (runs >= 2).mean(), runs.sum() / side.size
        given = float((ids == last).mean())
        if filled >= 0.5 and share >= 0.1 and len(set(runs.tolist())) >= 3 and inside == 0 and given >= 0.5 * share:
            return {"padding_id": float(last), "padding_share": round(float(share), 4)}
    return _padded_beside(ids, target)


def _padded_beside(ids: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """Targets that are all the same where the inputs are filled up, though the same target stands elsewhere too."""
    if target.shape != ids.shape:
        return {}
    values, counts = np.unique(ids[:, -1], return_counts=True)
    last = values[counts.argmax()]
    filled = np.cumprod(ids[:, ::-1] == last, axis=1)[:, ::-1].astype(bool)
    runs, inside = filled.sum(1), bool((ids[~filled] == last).any())
    known = (runs >= 2).mean() >= 0.5 and runs.sum() >= 0.1 * ids.size and len(set(runs.tolist())) >= 3
    padding = np.unique(target[filled]) if known and not inside else []
    if len(padding) != 1 or len(np.unique(target[~filled])) < 2:
        return {}
    return {"padding_id": float(padding[0]), "padding_share": round(float(filled.mean()), 4)}


def rows_of(answer: np.ndarray, given: np.ndarray, axis: int, *, ordered: bool = False) -> dict[str, Any]:
    """Where in the model's answer the values of one row of the loss come from, found by the values themselves.

    `ordered` says that the targets come in the order of the answer's first two axes; `misplaced` is the share of the
    rows that come in another one.

    `scattered` is the share of rows whose classes come from more than one place; `elsewhere` tells that those of the
    other rows lie along an axis of another size, though the answer has one of as many entries as there are classes.
    Values that occur twice tell nothing; empty where values were changed on the way.
    """
    if answer.size != given.size or answer.size > LARGEST or given.ndim < 2 or answer.ndim < 2:
        return {}
    flat = answer.ravel()
    order = flat.argsort()
    first = np.searchsorted(flat, given.ravel(), sorter=order)
    places = order[first.clip(max=flat.size - 1)]
    once = np.searchsorted(flat, given.ravel(), side="right", sorter=order) - first == 1
    if not (flat[places] == given.ravel()).all():
        return {}
    classes, once = (_by_row(one, given.shape, axis) for one in (places, once))
    told = once.sum(1) >= 2
    if told.sum() < LEAST_ROWS:
        return {}
    index = np.stack(np.unravel_index(classes[told], answer.shape))
    lead = np.take_along_axis(index, once[told].argmax(1)[None, :, None], 2)
    varying = ((index != lead) & once[told]).any(2)
    whole = varying.sum(0) == 1
    axes = varying[:, whole].any(1).nonzero()[0].tolist()
    count = given.shape[axis]
    elsewhere = len(axes) == 1 and answer.shape[axes[0]] != count and count in answer.shape[1:]
    found = {"scattered": round(float((~whole).mean()), 4), "elsewhere": elsewhere}
    if ordered and answer.ndim == 3 and count == answer.shape[2]:
        place = lead[0, :, 0] * answer.shape[1] + lead[1, :, 0]
        found["misplaced"] = round(float((place != told.nonzero()[0]).mean()), 4)
    return found


def _by_row(values: np.ndarray, shape: tuple[int, ...], axis: int) -> np.ndarray:
    """One row for each prediction, its classes along the second axis."""
    return np.moveaxis(values.reshape(shape), axis, -1).reshape(-1, shape[axis])
