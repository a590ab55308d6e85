"""How much the samples of each label count in a loss, where samples of one label count alike.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

from typing import Any

import numpy as np

MOST_LABELS = 64
ALIKE = 1e-5


def label_weights(target: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """(label, weight, samples) for each label of a batch; empty where the weights do not follow the labels."""
    labels = target.argmax(-1) if target.ndim == 2 and target.shape[1] > 1 else target.ravel()
    values = weights.ravel()
    if len(labels) != len(values) or not len(labels) or (labels % 1).any() or labels.min() < 0:
        return {}
    found = []
    for label in np.unique(labels)[: MOST_LABELS + 1]:
        own = values[labels == label]
        if np.ptp(own) > ALIKE * max(1e-12, float(np.abs(own).max())):
            return {}
        found.append([int(label), float(own[0]), len(own)])
    return {"label_weights": found} if len(found) <= MOST_LABELS else {}
