"""The steps of a series that was cut into windows, and whether they were scaled by their own mean and deviation.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

from typing import Any

import numpy as np

from observe.data import COLUMNS, Samples

FEWEST = 100
NEAR = 0.01
"""How far mean and deviation may be from 0 and 1: the last steps of a series are in no window, but are told."""
FAR = 0.03


def series(train: Samples, held_out: list[Samples]) -> dict[str, Any] | None:
    """How many columns are standard over all steps and over those of each part; None where there is no series."""
    own = _steps(train)
    others = [(one, steps) for one in held_out if (steps := _steps(one)) is not None]
    others = [(one, steps) for one, steps in others if own is not None and steps.shape[1] == own.shape[1]]
    if own is None or not others or not train.whole:
        return None
    varying = own.std(0) > 1e-6
    together = np.unique(np.concatenate([own, *(steps for _, steps in others)]), axis=0)
    return {
        "columns": int(varying.sum()),
        "steps": len(own),
        "together": int((_off(together) < NEAR)[varying].sum()),
        "alone": int((_off(own) < FAR)[varying].sum()),
        "apart": [
            {"where": one.where, "steps": len(steps), "standard": int((_off(steps) < NEAR)[varying].sum())}
            for one, steps in others
            if one.whole and len(steps) >= FEWEST
        ],
    }


def _steps(samples: Samples) -> np.ndarray | None:
    """Each step of the windows once; None where windows do not share most of their steps."""
    if len(samples.shape) != 2 or samples.kind != "f" or np.prod(samples.shape) > COLUMNS or not samples.rows:
        return None
    rows = samples.table()[0]
    steps = np.unique(np.nan_to_num(rows).reshape(-1, samples.shape[-1]), axis=0)
    return steps if FEWEST <= len(steps) < 0.5 * len(rows) * samples.shape[0] else None


def _off(steps: np.ndarray) -> np.ndarray:
    """How far each column is from a mean of 0 and a deviation of 1."""
    steps = steps.astype(np.float64)
    return np.maximum(np.abs(steps.mean(0)), np.abs(steps.std(0) - 1))
