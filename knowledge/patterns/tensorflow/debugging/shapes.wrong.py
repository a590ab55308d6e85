"""Wrong: grey images without a channel."""

import keras
import numpy as np

images = np.zeros((2, 28, 28), "float32")
keras.layers.Conv2D(8, 5)(images)  # wrong: images[..., None]
