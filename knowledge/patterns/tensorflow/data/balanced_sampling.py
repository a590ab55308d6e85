# /// pattern
# id = "tf.data.balanced-sampling"
# topic = "data.imbalance"
# twin = "pt.data.weighted-sampler"
# questions = [
#   "oversample the minority class with tf.data",
#   "sample_from_datasets balanced batches",
#   "imbalanced dataset keras resampling",
#   "rejection_resample tf.data",
#   "WeightedRandomSampler in tensorflow",
#   "steps_per_epoch with an oversampled dataset",
#   "tf.data class balance oversampleing",
# ]
# apis = ["tf.data.Dataset.sample_from_datasets", "tf.data.Dataset.repeat"]
# replaces = ["tf.data.experimental.sample_from_datasets", "tf.data.experimental.rejection_resample",
#   "imblearn RandomOverSampler"]
# why = """One data set for each class, repeated without end, and drawn from with equal weights: every batch holds all
# classes. Without repeat() the rare class is used up early, and the rest of the epoch holds none of it."""
# pitfalls = """The result has no end: give fit steps_per_epoch. Only for training: validation keeps the true shares.
# The probabilities of the model are those of balanced data, too high for the rare class."""
# when_not = "Weights in the loss do: fit(class_weight=...), which sees each sample once an epoch."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: no rare sample in the last half of the epoch"
# ///
"""Batches in which rare classes are as common as the others: sample_from_datasets."""

import numpy as np
import tensorflow as tf


def balanced(x: np.ndarray, y: np.ndarray, *, batch_size: int, seed: int) -> tf.data.Dataset:
    """Endless batches of features (batch_size, D) and labels (batch_size,), each class equally likely."""
    classes = np.unique(y)
    parts = []
    for number in classes:
        rows = np.flatnonzero(y == number)
        part = tf.data.Dataset.from_tensor_slices((x[rows], y[rows]))
        parts.append(part.shuffle(len(rows), seed=seed).repeat())
    weights = [1 / len(classes)] * len(classes)
    return tf.data.Dataset.sample_from_datasets(parts, weights=weights, seed=seed).batch(batch_size).prefetch(2)


if __name__ == "__main__":
    y = np.repeat([0, 1, 2], [900, 80, 20])
    x = np.arange(1000, dtype="float32")[:, None]  # (1000, 1): the number of the sample
    steps = 1000 // 50
    batches = list(balanced(x, y, batch_size=50, seed=0).take(steps * 3).as_numpy_iterator())

    labels = np.concatenate([batch[1] for batch in batches])
    shares = np.bincount(labels) / len(labels)
    assert len(labels) == 3000 and np.abs(shares - 1 / 3).max() < 0.05  # 0.05 is six standard deviations
    assert all(set(batch[1]) == {0, 1, 2} for batch in batches)
    numbers = np.concatenate([batch[0][:, 0] for batch in batches])
    assert np.array_equal(y[numbers.astype(int)], labels)
    rare = numbers[labels == 2]
    used = np.bincount(rare.astype(int) - 980, minlength=20)
    assert used.min() > 0 and used.max() - used.min() <= 1  # shuffled passes: each as often as the others
    print(f"shares {np.bincount(y) / 1000} -> {shares.round(2)}; each rare sample {used.min()} to {used.max()} times")
