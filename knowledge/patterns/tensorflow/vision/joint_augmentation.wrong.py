"""Wrong: the layer is called twice, and draws anew for the masks."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
masks = np.zeros((64, 16, 16, 1), "float32")
masks[:, :, :8] = 1
images = masks.copy()
flip = keras.layers.RandomFlip("horizontal")
moved, labels = flip(images, training=True), flip(masks, training=True)  # wrong: one call with a dict
agreement = float(np.mean(np.asarray(moved) == np.asarray(labels)))
assert agreement == 1, f"image and mask are no longer aligned: {agreement:.0%} of the pixels agree"
