"""Wrong: the shift is drawn by NumPy, which runs once, when Dataset.map traces the function."""

import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    images = np.arange(64, dtype=np.float32).reshape(8, 8, 1)
    dataset = tf.data.Dataset.from_tensors(images).repeat(50)
    shifted = dataset.map(lambda image: tf.roll(image, shift=int(rng.integers(-3, 4)), axis=1))
    different = {image.numpy().tobytes() for image in shifted}
    assert len(different) > 1, "the shift is frozen: 50 images all moved by the same number of pixels"
