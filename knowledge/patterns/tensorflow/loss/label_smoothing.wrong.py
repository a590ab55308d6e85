"""Wrong: label smoothing asked of the loss for integer labels, which has none."""

import keras

keras.losses.SparseCategoricalCrossentropy(from_logits=True, label_smoothing=0.1)  # wrong: one-hot targets
