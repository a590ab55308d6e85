"""Wrong: the output layer starts with a copy of the embedding; training parts the two."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
embedding = keras.layers.Embedding(50, 16)
head = keras.layers.Dense(50, use_bias=False)
model = keras.Sequential([keras.Input((4,)), embedding, head])
head.set_weights([np.transpose(embedding.get_weights()[0])])  # wrong: equal values, two variables
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
ids = np.arange(48).reshape(12, 4)
model.fit(ids, ids, verbose=0)
same = np.array_equal(head.get_weights()[0].T, embedding.get_weights()[0])
assert same, "the weights went separate ways in the first epoch"
