"""Wrong: an LSTM without return_sequences gives one answer for a sentence, and there is a tag for each token."""

import keras
import numpy as np

layers = keras.layers
model = keras.Sequential(
    [
        keras.Input((12,)),
        layers.Embedding(30, 16, mask_zero=True),
        layers.Bidirectional(layers.LSTM(16)),  # wrong: return_sequences=True
        layers.Dense(3),
    ]
)
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(np.ones((8, 12)), np.zeros((8, 12)), verbose=0)
