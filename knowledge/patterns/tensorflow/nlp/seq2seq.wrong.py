"""Wrong: the decoder reads the very tokens that it should give; it learns to copy, and cannot write."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
answers = np.random.default_rng(0).integers(1, 6, size=(512, 4))
layers = keras.layers
decoder = keras.Sequential(
    [keras.Input((4,)), layers.Embedding(6, 32), layers.GRU(32, return_sequences=True), layers.Dense(6)]
)
decoder.compile(
    keras.optimizers.Adam(0.02), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False
)
inputs = answers  # wrong: START and answers[:, :-1]
loss = decoder.fit(inputs, answers, epochs=8, verbose=0).history["loss"][-1]
assert loss > 1, f"the loss is {loss:.3f} on random answers that nobody can know: they were read, not learnt"
