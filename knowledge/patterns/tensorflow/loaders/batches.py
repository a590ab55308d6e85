# /// pattern
# id = "tf.loaders.batches"
# topic = "data.pipeline"
# role = "loaders"
# provides = "batches"
# entry = "make_datasets"
# twin = "pt.loaders.batches"
# questions = [
#     "numpy arrays to tf.data dataset",
#     "shuffle batch cache prefetch order",
#     "tf.data best practice for in memory data",
#     "from_tensor_slices batch shuffle each epoch",
#     "make keras input pipeline fast",
#     "tf dataset shuffel buffer size",
# ]
# errors = ["ValueError: `validation_split` is only supported for Tensors or NumPy arrays"]
# apis = [
#     "tf.data.Dataset.from_tensor_slices",
#     "tf.data.Dataset.shuffle",
#     "tf.data.Dataset.batch",
#     "tf.data.Dataset.prefetch",
#     "tf.data.AUTOTUNE",
# ]
# replaces = ["tf.data.experimental.AUTOTUNE", "keras.Model.fit_generator"]
# why = """Shuffle before batch, with a buffer as large as the data: a small buffer only mixes neighbours, so data
# sorted by class stays sorted. Cache before shuffle, or every epoch has the same order."""
# pitfalls = "After an interrupted run is resumed, the shuffling starts again with the order of the first epoch."
# when_not = """Data larger than memory: read files with interleave, and shuffle their names as well as a buffer of
# records."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the first batches hold one class only"
# ///
"""Batches of in-memory arrays: the training data shuffled anew in every epoch, nothing dropped."""

import numpy as np
import tensorflow as tf


def make_datasets(
    splits: tuple, *, batch_size: int, seed: int
) -> tuple[tf.data.Dataset, tf.data.Dataset, tf.data.Dataset]:
    """Datasets of batches (x, y) for train, val and test; splits[0..2] are pairs of arrays with N rows each."""
    train, val, test = (tf.data.Dataset.from_tensor_slices(split).cache() for split in splits[:3])
    train = train.shuffle(len(splits[0][0]), seed=seed, reshuffle_each_iteration=True)
    train, val, test = (dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE) for dataset in (train, val, test))
    return train, val, test


if __name__ == "__main__":
    rows = np.arange(100, dtype=np.float32)[:, np.newaxis]
    labels = np.repeat(np.arange(4), 25)  # sorted by class
    split = (rows, labels)
    train, val, test = make_datasets((split, split, split), batch_size=32, seed=0)
    assert [len(x) for x, _ in train] == [32, 32, 32, 4] and len(val) == len(test) == 4
    first, second = (np.concatenate([y for _, y in train]) for _ in range(2))
    assert (first != second).any() and (np.sort(first) == labels).all()
    assert all(len(set(y.numpy())) == 4 for _, y in train.take(3))
    assert (np.concatenate([y for _, y in val]) == labels).all()
    print("classes in the first batch:", np.bincount(first[:32]))
