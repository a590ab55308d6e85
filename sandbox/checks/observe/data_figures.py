"""What the samples are like: their scale, their labels, a column that gives the label away, labels that tell nothing.

Works on numpy arrays, for both frameworks. Runs inside the jail, once the program has ended.
"""

from typing import Any

import numpy as np

from observe.bags import bags
from observe.data import ASKED, Ledger, Samples, marks
from observe.data_order import order, sorted_rows
from observe.data_series import series

MOST_LABELS = 100
COMPARED = 800
LEAK_COLUMNS = 256
MOST_COMPARED = 40_000_000
"""Values that are summed to look for windows that overlap."""
FEW_VALUES = 32
"""Samples of so few different values may be alike by chance."""


def describe(ledger: Ledger) -> dict[str, Any]:
    """Figures of the training set, of each held-out set, and of both together."""
    train = ledger.trained()
    empty = [one for one in ledger.sets.values() if one.empty]
    figures: dict[str, Any] = {"empty": [{"role": one.role, "where": one.where} for one in empty]}
    if train is None:
        return figures
    held_out = ledger.held_out(train)
    rows, labels = train.table()
    figures["train"] = _set(train)
    figures["held_out"] = [_set(one) for one in held_out][:6]
    figures["order"] = order(train)
    figures["windows"] = bool(sorted_rows(rows))
    figures["apart"] = [_apart(one) for one in (train, *held_out[:6]) if one.whole and one.kind == "f"]
    if train.kind == "f":
        figures |= _fitted(train, rows, held_out)
        figures["series"] = series(train, held_out)
        figures["neighbours"] = _neighbours(train, rows, held_out)
        figures["copied"] = None if labels is None else _copied(train, rows, labels)
        if labels is not None and len(rows) >= 100:
            figures |= {"leak": _leak(train, rows, labels), "information": _information(rows, labels)}
    elif train.kind in "iu" and labels is not None and len(rows) >= 100:
        counted = bags(rows)
        figures["information"] = None if counted is None else _information(counted, labels)
    return figures


def _set(samples: Samples) -> dict[str, Any]:
    rows, labels = samples.table()
    finite = np.nan_to_num(rows)
    return {
        "where": samples.where,
        "rows": len(rows),
        "passes": samples.passes,
        "shape": list(samples.shape),
        "kind": samples.kind,
        "mean": float(finite.mean()),
        "std": float(finite.std()),
        "low": float(finite.min()),
        "high": float(finite.max()),
        "column_means": _thinned(finite.mean(0)),
        "column_stds": _thinned(finite.std(0)),
        "labels": None if labels is None else _labels(samples, labels),
        "asked": labels is None and isinstance(samples.key, tuple) and samples.key[0] == ASKED,
    }


def _neighbours(train: Samples, rows: np.ndarray, held_out: list[Samples]) -> dict[str, Any] | None:
    """How many held-out windows of a series are one step before or behind a window that was trained on."""
    step = int(np.prod(train.shape[1:])) if len(train.shape) > 1 else 1
    others = [one.table()[0] for one in held_out]
    others = [one for one in others if one.shape[1] == rows.shape[1]]
    if rows.shape[1] < 4 * step or not others:
        return None
    held = np.concatenate(others)[:2000]
    if len(np.unique(held[:64])) <= FEW_VALUES:
        return None
    varying = np.ptp(held, axis=1) > 0
    behind = np.isin(marks(held[:, :-step]), marks(rows[:, step:]))
    before = np.isin(marks(held[:, step:]), marks(rows[:, :-step]))
    between = _lies_between(held, rows, step)
    return {"held_out": len(held), "beside": int(((behind | before | between) & varying).sum())}


def _lies_between(held: np.ndarray, rows: np.ndarray, step: int) -> np.ndarray:
    """Which windows begin within one that was trained on and end within another, each by half of their length.

    A window that a series was only cut behind begins in the earlier part and does not end in a later one.
    """
    half = held.shape[1] // (2 * step) * step
    rows = rows[: max(1, MOST_COMPARED // (half * half // step))]
    offsets = range(step, rows.shape[1] - half + 1, step)
    later = np.concatenate([marks(rows[:, at : at + half]) for at in offsets])
    earlier = np.concatenate([marks(rows[:, at : at + half]) for at in range(0, rows.shape[1] - half, step)])
    return np.isin(marks(held[:, :half]), later) & np.isin(marks(held[:, -half:]), earlier)


def _copied(train: Samples, rows: np.ndarray, labels: np.ndarray) -> int | None:
    """A value of each window of a series that is the label itself."""
    step = int(np.prod(train.shape[1:])) if len(train.shape) > 1 else 1
    few = len(np.unique(rows[:64])) <= FEW_VALUES
    if few or rows.shape[1] < 4 * step or np.isin(marks(rows[:, :-step]), marks(rows[:, step:])).mean() < 0.5:
        return None
    same = np.flatnonzero((rows == labels[:, None].astype(rows.dtype)).all(0))
    return int(same[0]) if len(same) and len(np.unique(labels)) > 0.5 * len(np.unique(marks(rows))) else None


def _thinned(figures: np.ndarray) -> list[float]:
    return [float(one) for one in figures[:: -(-len(figures) // 64)]]


def _labels(samples: Samples, labels: np.ndarray) -> dict[str, Any]:
    found, counts = np.unique(labels, return_counts=True)
    return {
        "kind": samples.label_kind,
        "distinct": len(found),
        "low": float(np.nan_to_num(labels).min()),
        "high": float(np.nan_to_num(labels).max()),
        "whole": bool((labels == np.round(labels)).all()),
        "counts": [[float(value), int(count)] for value, count in zip(found, counts, strict=True)][:MOST_LABELS],
        "runs": float((labels[1:] == labels[:-1]).mean()) if len(labels) > 1 else 0.0,
        "step": float(np.diff(found).min()) if len(found) > 1 else 0.0,
        "even": bool(len(found) > 2 and np.diff(found).max() < 1.01 * np.diff(found).min()),
    }


def _fitted(train: Samples, rows: np.ndarray, held_out: list[Samples]) -> dict[str, Any]:
    """Columns that have a mean of 0 and a deviation of 1, or reach from 0 to 1, over all samples but not over those
    trained on: whoever scaled them had seen the held-out ones."""
    others = [one.table()[0] for one in held_out if one.whole and train.whole]
    others = [one for one in others if one.shape[1] == rows.shape[1] and not _grid(one).all()]
    if not others:
        return {}
    pooled = [rows]
    while len(pooled) <= len(others) and not _is_fitted(np.concatenate(pooled), rows):
        pooled.append(others[len(pooled) - 1])
    together = np.unique(np.concatenate(pooled), axis=0)
    alone = np.unique(rows, axis=0)
    if len(alone) < 16 or len(together) <= len(alone):
        return {"fitted": None}
    return {"fitted": _counts(together, alone) | {"left_out": 1 + len(others) - len(pooled)}}


def _is_fitted(together: np.ndarray, alone: np.ndarray) -> bool:
    counts = _counts(np.unique(together, axis=0), np.unique(alone, axis=0))
    return counts["standard_together"] > counts["standard_alone"] or counts["ranged_together"] > counts["ranged_alone"]


def _counts(together: np.ndarray, alone: np.ndarray) -> dict[str, Any]:
    continuous = np.array([len(np.unique(column)) > 0.5 * len(column) for column in together.T])
    return {
        "rows": len(alone),
        "rows_together": len(together),
        "columns": together.shape[1],
        "continuous": int(continuous.sum()),
        "standard_together": int((_standard(together) & continuous).sum() or _standard_overall(together)),
        "standard_alone": int((_standard(alone) & continuous).sum() or _standard_overall(alone)),
        "ranged_together": int((_ranged(together) & continuous).sum()),
        "ranged_alone": int((_ranged(alone) & continuous).sum()),
    }


def _apart(samples: Samples) -> dict[str, Any]:
    """How many columns of one set have a mean of 0 and a deviation of 1, or a range of 0 to 1, all by themselves."""
    rows = samples.table()[0]
    once = np.unique(rows, axis=0)
    distinct = np.array([len(np.unique(column)) for column in rows.T])
    return {
        "where": samples.where,
        "role": samples.role,
        "rows": len(rows),
        "varied": int((distinct >= 8).sum()),
        "standard": int(((_standard(rows) | _standard(once)) & (distinct >= 8)).sum()),
        "continuous": int((distinct > 0.5 * len(rows)).sum()),
        "ranged": int((_ranged(rows) & (distinct > 0.5 * len(rows)) & ~_grid(rows)).sum()),
        "overall": _standard_overall(rows) or _standard_overall(once),
    }


def _standard(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(np.float64)
    deviation = np.minimum(np.abs(rows.std(0) - 1), np.abs(rows.std(0, ddof=1) - 1))
    return (np.abs(rows.mean(0)) < 2e-5) & (deviation < 2e-5)


def _standard_overall(rows: np.ndarray) -> bool:
    rows = rows.astype(np.float64)
    deviation = min(abs(rows.std() - 1), abs(rows.std(ddof=1) - 1))
    return bool(abs(rows.mean()) < 2e-5 and deviation < 2e-5) and not _each_is_standard(rows)


def _each_is_standard(rows: np.ndarray) -> bool:
    """Whether every sample was scaled by its own values, as series often are: no other sample had a part in it."""
    if rows.shape[1] < 16:
        return False
    values = rows.astype(np.float64)
    return bool((np.abs(values.mean(1)) < 1e-2).all() and (np.abs(values.std(1) - 1) < 1e-2).all())


def _ranged(rows: np.ndarray) -> np.ndarray:
    """A range of exactly 0 or -1 to 1, whose upper end few reach: where many do, the values were clipped."""
    low, high = rows.min(0), rows.max(0)
    few = (rows == high).sum(0) <= max(2, 0.02 * len(rows))
    return few & ((np.abs(low) < 1e-6) | (np.abs(low + 1) < 1e-6)) & (np.abs(high - 1) < 1e-6)


def _grid(rows: np.ndarray) -> np.ndarray:
    """Columns of evenly spaced values, each of them as often as any other, as linspace and meshgrid lay them out."""
    found = [np.unique(column, return_counts=True) for column in rows.T]
    return np.array([len(values) > 2 and np.ptp(counts) == 0 and _even(values) for values, counts in found])


def _even(values: np.ndarray) -> bool:
    gaps = np.diff(values.astype(np.float64))
    return bool(np.ptp(gaps) < 1e-3 * gaps.mean())


def _sampled(rows: np.ndarray, labels: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)
    return np.nan_to_num(rows[chosen].astype(np.float64)), np.nan_to_num(labels[chosen])


def is_class(labels: np.ndarray) -> bool:
    return bool((labels == np.round(labels)).all()) and len(np.unique(labels)) <= max(2, min(100, len(labels) // 8))


def _leak(train: Samples, rows: np.ndarray, labels: np.ndarray) -> dict[str, Any] | None:
    """How well each column alone tells the label: the best of them, and the next."""
    if len(train.shape) != 1 or not 3 <= rows.shape[1] <= LEAK_COLUMNS or len(np.unique(labels)) < 2:
        return None
    rows, labels = _sampled(rows, labels, 2000)
    score = _purity if is_class(labels) else _monotone
    scores = np.array([score(column, labels) for column in rows.T])
    ranked = np.argsort(scores)[::-1]
    return {"column": int(ranked[0]), "best": float(scores[ranked[0]]), "next": float(scores[ranked[1]])}


def _purity(column: np.ndarray, labels: np.ndarray) -> float:
    """How often neighbours along the column have the same label, from 0 (chance) to 1."""
    mixed = np.random.default_rng(0).permutation(len(column))
    ordered = labels[mixed][np.argsort(column[mixed], kind="stable")]
    _, counts = np.unique(labels, return_counts=True)
    chance = float(((counts / len(labels)) ** 2).sum())
    share = float((ordered[1:] == ordered[:-1]).sum() + len(counts) - 1) / (len(labels) - 1)
    return (share - chance) / (1 - chance) if chance < 0.95 else 0.0


def _monotone(column: np.ndarray, labels: np.ndarray) -> float:
    if column.std() == 0 or labels.std() == 0:
        return 0.0
    return abs(float(np.corrcoef(np.argsort(np.argsort(column)), np.argsort(np.argsort(labels)))[0, 1]))


def _information(rows: np.ndarray, labels: np.ndarray) -> dict[str, Any] | None:
    """Whether samples that are near each other have like labels: in units of what chance would give."""
    rows, labels = _sampled(rows, labels, COMPARED)
    if len(np.unique(labels)) < 2:
        return None
    spread = rows.std(0)
    scaled = (rows - rows.mean(0))[:, spread > 0] / spread[spread > 0]
    if not scaled.size:
        return None
    near = _nearest(scaled)
    told = _votes(labels, near, scaled) if is_class(labels) else _agreement(labels, near, scaled)
    return {"rows": len(rows), "sigmas": told, "noise": _is_noise(rows)}


def _nearest(scaled: np.ndarray) -> np.ndarray:
    squares = (scaled**2).sum(1)
    apart = squares[:, None] + squares[None] - 2 * scaled @ scaled.T
    np.fill_diagonal(apart, np.inf)
    apart[apart < 1e-9] = np.inf  # a copy of the sample itself says nothing
    return np.argpartition(apart, 5, axis=1)[:, :5]


def _votes(labels: np.ndarray, near: np.ndarray, scaled: np.ndarray) -> float:
    same = (labels[near] == labels[:, None]).mean(1)
    _, counts = np.unique(labels, return_counts=True)
    chance = float(((counts / len(labels)) ** 2).sum())
    wide = max(1e-9, (chance * (1 - chance) / (2 * len(labels))) ** 0.5)
    linear = max(_linear(scaled, labels == one) for one in np.unique(labels)[:10])
    return float(max((same.mean() - chance) / wide, linear))


def _agreement(labels: np.ndarray, near: np.ndarray, scaled: np.ndarray) -> float:
    guess = labels[near].mean(1)
    together = np.corrcoef(guess, labels)[0, 1] if guess.std() > 0 else 0.0
    return float(max(together * len(labels) ** 0.5, _linear(scaled, labels)))


def _linear(scaled: np.ndarray, labels: np.ndarray) -> float:
    """Correlation, on one half, with a ridge regression on the other half."""
    columns = scaled[:, : len(scaled) // 4]
    half = len(columns) // 2
    wanted = labels.astype(np.float64)
    centre = wanted[:half].mean()
    gram = columns[:half].T @ columns[:half] + half * 0.1 * np.eye(columns.shape[1])
    weights = np.linalg.solve(gram, columns[:half].T @ (wanted[:half] - centre))
    guess = columns[half:] @ weights
    if guess.std() == 0 or wanted[half:].std() == 0:
        return 0.0
    return float(np.corrcoef(guess, wanted[half:])[0, 1] * (len(guess) ** 0.5))


def _is_noise(rows: np.ndarray) -> bool:
    """Whether all columns are independent draws of one normal or uniform distribution, as in a made-up example."""
    if rows.shape[1] < 2:
        return False
    columns = rows[:, :: -(-rows.shape[1] // 64)]
    count = len(columns)
    mean, std = columns.mean(0), columns.std(0)
    if std.min() == 0 or np.ptp(std) > 8 * std.mean() / count**0.5 or np.ptp(mean) > 8 * std.mean() / count**0.5:
        return False
    kurtosis = (((columns - mean) / std) ** 4).mean(0)
    together = np.corrcoef(columns.T) - np.eye(columns.shape[1])
    return bool(np.abs(together).max() < 6 / count**0.5 and np.ptp(kurtosis) < 2.5)
