"""Wrong: cache() after a random augmentation; every epoch shows the same draw."""

import tensorflow as tf

images = tf.data.Dataset.from_tensor_slices(tf.ones((4, 8, 8, 1)))
noisy = images.map(lambda image: image + tf.random.normal(tf.shape(image))).cache()  # wrong: cache() before map
first, second = ([float(tf.reduce_sum(image)) for image in noisy] for _ in range(2))
assert first != second, "the cache holds the augmentation: two epochs are the same"
