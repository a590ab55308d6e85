# /// pattern
# id = "tf.data.bucketing"
# topic = "data.batching"
# twin = "pt.data.bucketing"
# questions = [
#   "bucket_by_sequence_length example",
#   "padded_batch with different lengths tf.data",
#   "too much padding in tf.data batches",
#   "tf.data batch of variable length sequences",
#   "Cannot batch tensors with different shapes in component 0",
#   "ragged_batch tf.data",
#   "group similar lengths keras text batches",
#   "bucket by lenght tensorflow",
# ]
# errors = ["InvalidArgumentError: Cannot batch tensors with different shapes in component 0."]
# apis = ["tf.data.Dataset.bucket_by_sequence_length", "tf.data.Dataset.padded_batch", "tf.data.Dataset.ragged_batch"]
# replaces = ["tf.data.experimental.bucket_by_sequence_length", "tf.data.experimental.dense_to_ragged_batch",
#   "pad_sequences(maxlen=) of the whole set"]
# why = """A batch is padded to its longest sequence. Random batches of lengths from 5 to 200 are 45 % padding; buckets
# by length, with more samples where they are short, leave a fraction of it, and the number of tokens in a batch stays
# about the same."""
# pitfalls = """Few bounds waste cells, many leave thin buckets whose last batches are small. Each width is a new shape
# for tf.function: pad_to_bucket_boundary=True keeps them few."""
# when_not = "A layer that takes ragged tensors, or data where all lengths are alike: padded_batch or ragged_batch."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgumentError: Cannot batch tensors with different shapes in component 0."
# ///
"""Sequences batched with others of similar length: bucket_by_sequence_length."""

import numpy as np
import tensorflow as tf

BOUNDS = [25, 50, 75, 100, 125, 150, 175]  # lengths below 25, below 50, ..., and from 175 on
TOKENS = 3200


def sentences(lengths: list[int]) -> tf.data.Dataset:
    """Token ids (T_i,): each sequence holds its own length, and no zero."""
    ragged = tf.ragged.constant([[length] * length for length in lengths])
    return tf.data.Dataset.from_tensor_slices(ragged).map(lambda row: row)  # dense rows (None,)


def bucketed(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Padded batches (B, T) of about the same number of cells; short sequences come in large batches."""
    sizes = [TOKENS // bound for bound in [*BOUNDS, 200]]
    return dataset.bucket_by_sequence_length(
        element_length_func=lambda row: tf.shape(row)[0], bucket_boundaries=BOUNDS, bucket_batch_sizes=sizes
    )


def padding(batches: list[np.ndarray]) -> float:
    """The share of cells that hold no token."""
    return sum((batch == 0).sum() for batch in batches) / sum(batch.size for batch in batches)


if __name__ == "__main__":
    lengths = np.random.default_rng(0).integers(5, 201, size=2000).tolist()
    dataset = sentences(lengths)
    plain = list(dataset.padded_batch(16).as_numpy_iterator())
    buckets = list(bucketed(dataset).as_numpy_iterator())
    for batches in (plain, buckets):
        assert sorted(np.concatenate([batch[:, 0] for batch in batches])) == sorted(lengths)  # each sequence once
    print(f"padding: {padding(plain):.0%} in batches of 16, {padding(buckets):.0%} in buckets")
    assert padding(plain) > 0.35 and padding(buckets) < 0.15
    for batch in buckets:
        assert batch.size <= TOKENS  # the bound on cells
        found = {int(np.digitize(length, BOUNDS)) for length in batch[:, 0]}
        assert len(found) == 1  # one bucket

    ragged = next(iter(dataset.ragged_batch(4)))
    assert isinstance(ragged, tf.RaggedTensor) and ragged.row_lengths().numpy().tolist() == lengths[:4]
