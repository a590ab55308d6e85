"""The scale of what reaches the first layer with weights. Works on numpy arrays, for both frameworks.

Runs inside the jail.
"""

from typing import Any

import numpy as np

NORMALISING = ("Norm", "Embedding", "Discretization", "Hashing", "Lookup", "CategoryEncoding")
"""Layers by parts of their names that bring any values to a scale of their own."""


def scale(layer: str, inputs: np.ndarray) -> dict[str, Any]:
    """Figures of the values that a layer of this name was given; empty where their scale does not matter."""
    if inputs.dtype.kind != "f" or inputs.ndim < 2 or any(one in layer for one in NORMALISING):
        return {}
    given = np.nan_to_num(inputs.astype(np.float64))
    columns = (given**2).mean(tuple(range(given.ndim - 1))) ** 0.5 if given.ndim == 2 else np.zeros(0)
    return {
        "layer": layer,
        "mean": float(given.mean()),
        "std": float(given.std()),
        "low": float(given.min()),
        "high": float(given.max()),
        "whole": bool((given == np.round(given)).all()),
        "largest_column": float(columns.max()) if len(columns) else None,
        "column": int(columns.argmax()) if len(columns) else None,
    }
