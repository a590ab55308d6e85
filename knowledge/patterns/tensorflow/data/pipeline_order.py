# /// pattern
# id = "tf.data.pipeline-order"
# topic = "data.pipeline"
# questions = [
#   "order of shuffle batch cache prefetch map in tf.data",
#   "should I shuffle before or after batch",
#   "cache before or after shuffle",
#   "same order every epoch tf.data",
#   "augmentation is the same in every epoch with cache",
#   "what buffer_size for dataset.shuffle",
#   "tf.data best order performance",
#   "tf data cache shufle batch order",
# ]
# errors = ["The calling iterator did not fully read the dataset being cached."]
# apis = ["tf.data.Dataset.cache", "tf.data.Dataset.shuffle", "tf.data.Dataset.map", "tf.data.Dataset.batch",
#   "tf.data.Dataset.prefetch"]
# replaces = ["dataset.shuffle(n).cache()", "dataset.batch(32).shuffle(100)"]
# why = """Each step works on what the one before gives. cache() keeps everything above it: costly decoding belongs
# there, shuffling and augmentation do not, or every epoch repeats the first one. shuffle() before batch() mixes
# samples, after it only whole batches. prefetch comes last."""
# pitfalls = """A buffer smaller than the set mixes only locally: files sorted by class need a buffer over all samples,
# or a shuffle of the file names. The first pass must be read to its end, or the cache is thrown away."""
# when_not = "The decoded data does not fit into memory: leave cache() out, or give it a file name."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: both epochs have the order"
# ///
"""The steps of a tf.data pipeline in the order that works: decode, cache, shuffle, augment, batch, prefetch."""

import tensorflow as tf

decoded = tf.Variable(0, dtype=tf.int64)


def decode(number: tf.Tensor) -> tf.Tensor:
    """Stands for reading and decoding a file; counts its calls."""
    decoded.assign_add(1)
    return tf.cast(number, tf.float32)


def augment(sample: tf.Tensor, generator: tf.random.Generator) -> tf.Tensor:
    """The sample with noise between 0 and 0.5."""
    return sample + generator.uniform([], 0.0, 0.5)


def build(*, samples: int, batch_size: int, seed: int) -> tf.data.Dataset:
    """Batches (batch_size,) of noisy numbers."""
    generator = tf.random.Generator.from_seed(seed)
    return (
        tf.data.Dataset.range(samples)
        .map(decode, num_parallel_calls=tf.data.AUTOTUNE)
        .cache()  # above: once. Below: in every epoch
        .shuffle(samples, seed=seed)  # samples, not batches; the buffer holds them all
        .map(lambda sample: augment(sample, generator))
        .batch(batch_size)
        .prefetch(tf.data.AUTOTUNE)
    )


if __name__ == "__main__":
    dataset = build(samples=100, batch_size=10, seed=0)
    epochs = [tf.concat(list(dataset), axis=0).numpy() for _ in range(3)]
    assert decoded.numpy() == 100  # once for each sample, in three epochs
    orders = [epoch.astype(int).tolist() for epoch in epochs]
    assert all(sorted(order) == list(range(100)) for order in orders)
    assert orders[0] != orders[1] != orders[2]  # a new order in each epoch
    noise = [sorted(epoch)[7] - 7 for epoch in epochs]
    assert len(set(noise)) == 3  # and new noise on the same sample

    batches = [set(batch.numpy().astype(int)) for batch in dataset]
    late = tf.data.Dataset.range(100).batch(10).shuffle(10)  # too late: only whole batches change places
    assert all(max(batch) - min(batch) == 9 for batch in late.as_numpy_iterator())
    assert any(max(batch) - min(batch) > 9 for batch in batches)
    local = list(tf.data.Dataset.range(100).shuffle(5).as_numpy_iterator())
    assert all(number <= place + 4 for place, number in enumerate(local))  # a small buffer mixes locally
    print("noise on sample 7 in three epochs:", [round(float(number), 2) for number in noise])
