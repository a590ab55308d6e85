"""Wrong: F1 as a function; Keras takes the mean over the batches."""

import keras
import numpy as np
from keras import ops
from sklearn.metrics import f1_score


def f1(y_true: object, y_pred: object) -> object:
    """Of one batch."""
    true, predicted = ops.cast(y_true, "float32"), ops.cast(y_pred > 0, "float32")
    return 2 * ops.sum(true * predicted) / (ops.sum(true) + ops.sum(predicted) + 1e-7)


rng = np.random.default_rng(0)
y = (rng.random((1000, 1)) < 0.05).astype("int32")
x = (rng.normal(size=(1000, 1)) + 3 * y - 1.5).astype("float32")
model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
model.compile(loss="mse", metrics=[f1], jit_compile=False)  # wrong: a keras.metrics.Metric
reported, whole = model.evaluate(x, y, batch_size=32, verbose=0)[1], f1_score(y[:, 0], x[:, 0] > 0)
assert abs(reported - whole) < 0.01, f"the mean of the batches' F1 is {reported:.3f}, the F1 is {whole:.3f}"
