"""Wrong: a shuffle buffer much smaller than data that is sorted by class."""

import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    rows = np.arange(1000, dtype=np.float32)[:, np.newaxis]
    labels = np.repeat(np.arange(4), 250)  # sorted by class
    train = tf.data.Dataset.from_tensor_slices((rows, labels)).shuffle(32, seed=0).batch(32)
    classes = [set(y.numpy()) for _, y in train.take(3)]
    assert all(len(found) == 4 for found in classes), f"the first batches hold one class only: {classes}"
