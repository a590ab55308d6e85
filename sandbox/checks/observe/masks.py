"""What an attention mask lets each position see. Works on numpy arrays, for both frameworks.

Runs inside the jail.
"""

from typing import Any

import numpy as np

FORBIDDING = -1e4
"""Added to a score, a value below this leaves nothing of it after the softmax."""


def describe_mask(excluded: np.ndarray, *, ids: np.ndarray | None = None) -> dict[str, Any]:
    """Figures of a mask that is true where a position must not look; the last axis is what is looked at.

    `ids` are the tokens that a mask of shape (batch, length) belongs to.
    """
    return {
        "shape": list(excluded.shape),
        "only_later": _shows_only_later(excluded),
        "blind": int(excluded.all(-1).sum()),
        "only_padding": ids is not None and _shows_only_padding(excluded, ids),
        "hides_padding": ids is not None and _shows_only_padding(~excluded, ids),
    }


def _shows_only_later(excluded: np.ndarray) -> bool:
    """Whether position i may look at exactly the positions behind i: a causal mask the wrong way round."""
    if excluded.ndim < 2 or excluded.shape[-1] != excluded.shape[-2] or excluded.shape[-1] < 3:
        return False
    inverted = np.tri(excluded.shape[-1], dtype=bool)
    return bool((excluded == inverted).all())


def _shows_only_padding(excluded: np.ndarray, ids: np.ndarray) -> bool:
    """Whether all that may be looked at is one token, and all that may not is several others."""
    if excluded.shape != ids.shape or excluded.all() or not excluded.any():
        return False
    shown, hidden = np.unique(ids[~excluded]), np.unique(ids[excluded])
    return len(shown) == 1 and len(hidden) > 1 and shown[0] not in hidden
