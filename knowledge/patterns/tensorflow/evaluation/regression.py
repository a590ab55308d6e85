# /// pattern
# id = "tf.evaluation.regression"
# topic = "train.evaluation"
# role = "evaluation"
# provides = "regression"
# entry = "evaluate"
# twin = "pt.evaluation.regression"
# questions = [
#     "rmse and r2 of a keras regression",
#     "evaluate a regression model tensorflow",
#     "r squared keras",
#     "mse loss does not fall shape (N,) vs (N,1)",
#     "regresion metrics keras",
#     "why is my regression loss stuck at the variance of the target",
# ]
# apis = ["keras.Model.evaluate"]
# why = """r2 compares with predicting the mean: 0 is no better than that, 1 is perfect. Targets and predictions must
# both be (N, 1): an (N,) target broadcasts against them to (N, N), and the best such a model can do is the mean."""
# pitfalls = """On standardised targets the rmse is in deviations: multiply it by target_std. As a metric of fit:
# keras.metrics.R2Score."""
# when_not = "Targets of very different sizes, where a relative error counts: tf.loss.custom-loss."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: (N,) and (N, 1) were broadcast"
# ///
"""Loss, root mean squared error and r2 of a regression, exact over all samples."""

import keras
import numpy as np
import tensorflow as tf


def evaluate(model: keras.Model, dataset: tf.data.Dataset) -> dict[str, float]:
    """Compiled loss, rmse and r2 over a dataset of batches (x, targets (B, 1)), in the units of its targets."""
    loss = model.evaluate(dataset, return_dict=True, verbose=0)["loss"]
    pairs = [(np.asarray(y), np.asarray(model(x, training=False))) for x, y in dataset]
    targets, predictions = (np.concatenate(column).astype(np.float64) for column in zip(*pairs, strict=True))
    squared_error = ((targets - predictions) ** 2).sum()
    spread = ((targets - targets.mean(axis=0)) ** 2).sum()
    return {
        "loss": float(loss),
        "rmse": float(np.sqrt(squared_error / targets.size)),
        "r2": float(1 - squared_error / spread) if spread > 0 else 0.0,
    }


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 4)).astype("float32")
    targets = x.sum(axis=1, keepdims=True) + rng.normal(size=(100, 1)).astype("float32")
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    model.layers[0].set_weights([np.ones((4, 1)), np.zeros(1)])
    model.compile(loss="mse", jit_compile=False)
    scores = evaluate(model, tf.data.Dataset.from_tensor_slices((x, targets)).batch(32))
    residuals = targets - x.sum(axis=1, keepdims=True)
    print(scores)
    assert np.isclose(scores["loss"], (residuals**2).mean(), rtol=1e-4)
    assert np.isclose(scores["rmse"], np.sqrt(scores["loss"]), rtol=1e-4)
    assert np.isclose(scores["r2"], 1 - residuals.var() / targets.var(), atol=0.02)
