# /// pattern
# id = "tf.nlp.pretrained-embeddings"
# topic = "nlp.embeddings"
# twin = "pt.nlp.pretrained-embeddings"
# questions = [
#     "load glove vectors into a keras Embedding layer",
#     "pretrained word embeddings keras 3",
#     "build an embedding matrix for my vocabulary keras",
#     "embeddings_initializer Constant embedding matrix",
#     "freeze pretrained embedding layer keras",
#     "accuracy got worse with glove embeddings keras",
#     "pretraned embeding glove keras",
# ]
# apis = ["keras.layers.Embedding", "keras.layers.TextVectorization", "keras.Layer.set_weights"]
# replaces = ["Embedding(weights=[matrix])", "Embedding(input_length=...)", "tokenizer.word_index"]
# why = """One row for each id of the vocabulary: the word's vector where the file has it, small random numbers where
# not, zeros for padding. The matrix is set once the layer is built; trainable=False keeps it, and set to True later,
# with compile again, it is fine-tuned."""
# pitfalls = """Rows go by the order of get_vocabulary(), which begins with padding and unknown. A Constant initializer
# is written into the saved configuration with the whole matrix; set_weights is not."""
# when_not = "A pretrained transformer: it brings its own embeddings."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a word has the vector of another"
# ///
"""Word vectors from a text file (as of GloVe) in an Embedding, in the order of a TextVectorization's vocabulary."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from keras import layers


def read_vectors(path: Path, words: Sequence[str]) -> dict[str, np.ndarray]:
    """The vectors (D,) of those words that the file has; a line is a word and D numbers."""
    wanted, vectors = set(words), {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.rstrip().split(" ")
            if word in wanted:
                vectors[word] = np.array(numbers, "float32")
    return vectors


def build_embedding(words: Sequence[str], vectors: dict[str, np.ndarray], *, trainable: bool) -> layers.Embedding:
    """Rows in the order of words, which begin with "" for padding and "[UNK]"."""
    known = np.stack(list(vectors.values()))
    matrix = np.random.default_rng(0).normal(scale=known.std(), size=(len(words), known.shape[1])).astype("float32")
    for row, word in enumerate(words):
        matrix[row] = vectors.get(word, matrix[row])
    matrix[0] = 0
    embedding = layers.Embedding(*matrix.shape, mask_zero=True, trainable=trainable)
    embedding.build((None,))
    embedding.set_weights([matrix])
    return embedding


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    vectorizer = layers.TextVectorization(output_sequence_length=3)
    vectorizer.adapt(["river bank", "river zzyzx"])
    words = vectorizer.get_vocabulary()
    assert words[:3] == ["", "[UNK]", "river"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.txt"
        path.write_text("the 1 1 1\nbank 0.5 -0.5 2\nriver 1 0 -1\n", encoding="utf-8")
        vectors = read_vectors(path, words)
    assert sorted(vectors) == ["bank", "river"]  # nothing that is not needed

    embedding = build_embedding(words, vectors, trainable=False)
    embedded = np.asarray(embedding(vectorizer(["river bank", "zzyzx ocean"])))  # (B, T, D)
    np.testing.assert_array_equal(embedded[0], [[1, 0, -1], [0.5, -0.5, 2], [0, 0, 0]])
    assert embedded[1, 0].all() and embedded[1, 1].all()  # random, and the unknown's

    model = keras.Sequential([keras.Input((3,), dtype="int64"), embedding, layers.GlobalAveragePooling1D()])
    model.add(layers.Dense(1))
    ids, targets, before = vectorizer(["river bank", "zzyzx"]), np.array([[1.0], [2.0]]), embedding.get_weights()[0]
    for trainable in (False, True):
        embedding.trainable = trainable
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)  # anew, or the change is not seen
        model.train_on_batch(ids, targets)
        assert np.array_equal(embedding.get_weights()[0], before) != trainable
    print(f"{len(vectors)} of {len(words) - 2} words have a vector")
