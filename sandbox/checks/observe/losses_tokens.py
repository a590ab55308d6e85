"""How the targets of a loss stand to the tokens that the model was given: shifted, padded, or out of order.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

from typing import Any

import numpy as np

SHIFTS = (0, 1, 2)
LARGEST = 60_000
"""Values of an output that are looked up one by one."""


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
    return {}


def rows_of(answer: np.ndarray, given: np.ndarray, axis: int) -> dict[str, Any]:
    """Where in the model's answer the values of one row of the loss come from, found by the values themselves.

    `scattered` is the share of rows whose classes come from more than one place; `class_axis` the axis of the answer
    along which the classes of the other rows lie. Empty where values were changed on the way, or occur twice.
    """
    if answer.size != given.size or answer.size > LARGEST or given.ndim < 2 or answer.ndim < 2:
        return {}
    flat = answer.ravel()
    order = flat.argsort()
    found = np.searchsorted(flat, given.ravel(), sorter=order).clip(max=flat.size - 1)
    places = order[found]
    if len(np.unique(flat)) < 0.999 * flat.size or not (flat[places] == given.ravel()).all():
        return {}
    classes = np.moveaxis(places.reshape(given.shape), axis, -1).reshape(-1, given.shape[axis])
    index = np.stack(np.unravel_index(classes, answer.shape))
    varying = (index != index[:, :, :1]).any(2)
    whole = varying.sum(0) == 1
    axes = varying[:, whole].any(1).nonzero()[0].tolist()
    return {"scattered": round(float((~whole).mean()), 4), "class_axis": axes[0] if len(axes) == 1 else None}
