"""Wrong: the cache comes after the shuffle, and keeps the order of the first epoch."""

import tensorflow as tf

dataset = tf.data.Dataset.range(100).shuffle(100).cache().batch(10)
first, second = (tf.concat(list(dataset), axis=0).numpy().tolist() for _ in range(2))
assert first != second, f"both epochs have the order {first[:5]}..."
