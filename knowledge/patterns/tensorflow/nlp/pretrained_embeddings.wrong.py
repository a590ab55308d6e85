"""Wrong: rows in the order of the file; the ids of the texts are those of the vocabulary."""

import keras
import numpy as np

vectorizer = keras.layers.TextVectorization()
vectorizer.adapt(["river bank", "river"])
file = {"the": [0, 0], "of": [1, 1], "bank": [2, 2], "river": [3, 3]}
matrix = np.array(list(file.values()))  # wrong: one row for each word of vectorizer.get_vocabulary()
embedding = keras.layers.Embedding(*matrix.shape, embeddings_initializer=keras.initializers.Constant(matrix))
vector = np.asarray(embedding(vectorizer(["river"])))[0, 0]
assert vector.tolist() == file["river"], f"a word has the vector of another: river has {vector.tolist()}"
