"""Wrong: a hand-written squared error of (N,) targets and (N, 1) predictions."""

import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    targets = np.arange(4, dtype="float32")  # (4,)
    predictions = targets[:, np.newaxis]  # (4, 1), all exactly right
    loss = float(tf.reduce_mean((targets - predictions) ** 2))
    assert loss == 0, f"(N,) and (N, 1) were broadcast to (N, N): the loss of perfect predictions is {loss}"
