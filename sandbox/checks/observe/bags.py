"""Token ids as rows of numbers that can be compared: how often each token is in a sample.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

import numpy as np

MOST_TOKENS = 256
LARGEST_ID = 200_000


def bags(rows: np.ndarray) -> np.ndarray | None:
    """Counts of the commonest tokens that not all samples have; None where the samples are no token ids."""
    if rows.shape[1] < 4 or rows.min() < 0 or rows.max() > LARGEST_ID or (rows != np.round(rows)).any():
        return None
    ids = rows.astype(np.int64)
    there = np.zeros(int(ids.max()) + 1, np.int64)
    for row in ids:
        there[np.unique(row)] += 1
    there[there == len(ids)] = 0
    common = np.argsort(there)[::-1][:MOST_TOKENS]
    common = common[there[common] > 1]
    place = np.full(len(there), len(common))
    place[common] = np.arange(len(common))
    found = np.zeros((len(ids), len(common) + 1), np.float32)
    np.add.at(found, (np.arange(len(ids))[:, None], place[ids]), 1.0)
    return found[:, :-1] if len(common) >= 2 else None
