# /// pattern
# id = "tf.loss.masked-mean"
# topic = "loss.masking"
# twin = "pt.loss.masked-mean"
# questions = [
#     "masked loss keras",
#     "sample_weight per timestep, what is the loss divided by",
#     "mean_with_sample_weight reduction",
#     "loss gets smaller with more padding keras",
#     "missing targets in keras regression",
#     "mask the loss of padded steps tensorflow",
#     "maskd loss sample wieght keras",
# ]
# apis = ["keras.losses.Loss", "keras.losses.MeanSquaredError", "keras.Model.compile"]
# replaces = ["sample_weight_mode='temporal'"]
# why = """The default reduction, sum_over_batch_size, divides by the number of all positions, those of weight 0
# included: with three of four positions masked the loss is a quarter of the mean. mean_with_sample_weight divides by
# the sum of the weights."""
# pitfalls = """compile's own metrics ignore sample_weight unless listed in weighted_metrics. A NaN target stays NaN
# under a weight of 0: replace it before."""
# when_not = "Most targets of a column are missing: leave the column out, or say so beside the score."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: divided by the masked positions too"
# ///
"""A mean over the positions that count, given by weights of 0 and 1."""

import keras
import numpy as np


def masked_mse() -> keras.losses.Loss:
    """Mean squared error over what has a sample_weight; y (B, T, D), weights (B, T)."""
    return keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")


def without_missing(targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets (N, 1) with 0 for each NaN, and the weights (N,) that keep those out of the loss."""
    missing = np.isnan(targets)
    return np.where(missing, 0, targets), (~missing[:, 0]).astype("float32")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    truth, guess = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))
    mask = np.array([[1, 1, 1, 1], [1, 0, 0, 0]])  # (B, T)
    by_selection = ((truth - guess)[mask == 1] ** 2).mean()
    np.testing.assert_allclose(masked_mse()(truth, guess, sample_weight=mask), by_selection, rtol=1e-5)
    default = keras.losses.MeanSquaredError()(truth, guess, sample_weight=mask)
    np.testing.assert_allclose(default, by_selection * 5 / 8, rtol=1e-5)

    x = rng.normal(size=(128, 3)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5]])
    shown = np.where(rng.random((128, 1)) < 0.5, np.nan, y)
    targets, weights = without_missing(shown)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), masked_mse(), weighted_metrics=["mae"], jit_compile=False)
    history = model.fit(x, targets, sample_weight=weights, epochs=30, verbose=0).history
    assert history["mae"][-1] < 0.05
    assert np.abs(np.asarray(model(x)) - y).mean() < 0.05  # right where no target was shown, too
    print(f"mae {history['mae'][0]:.2f} -> {history['mae'][-1]:.3f}")
