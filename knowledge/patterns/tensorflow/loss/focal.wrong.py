"""Wrong: alpha without apply_class_balancing, which leaves it unused."""

import keras
import numpy as np

targets, logits = np.array([[1.0], [0.0]]), np.array([[-2.0], [1.0]])
losses = [
    float(keras.losses.BinaryFocalCrossentropy(from_logits=True, alpha=alpha)(targets, logits))
    for alpha in (0.1, 0.9)  # wrong: apply_class_balancing=True
]
assert losses[0] != losses[1], f"alpha changed nothing: {losses}"
