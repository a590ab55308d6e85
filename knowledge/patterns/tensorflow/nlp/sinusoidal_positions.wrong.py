"""Wrong: attention over embeddings alone; a text and its words shuffled are the same to it."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
embedding, attention = keras.layers.Embedding(20, 16), keras.layers.MultiHeadAttention(4, key_dim=4)
texts = np.array([[5, 9, 3, 7], [7, 3, 9, 5]])  # "dog bites man", "man bites dog"
x = embedding(texts)  # wrong: add positions
means = np.asarray(attention(x, x)).mean(axis=1)
difference = np.abs(means[0] - means[1]).max()
assert difference > 1e-4, f"the order of the words does not matter: the texts differ by {difference:.1e}"
