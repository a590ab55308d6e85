"""Right: input embedding and output projection share one matrix on purpose (Press and Wolf, 2017)."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

SEED = 11
VOCABULARY = 20
CONTEXT = 12


class TiedLanguageModel(keras.Model):
    """Ids (B, T) to logits (B, T, vocabulary) of the next id."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.embedding = layers.Embedding(VOCABULARY, width)
        self.recurrent = layers.GRU(width, return_sequences=True)

    def call(self, ids):
        hidden = self.recurrent(self.embedding(ids))
        return ops.matmul(hidden, ops.transpose(self.embedding.embeddings))


def make_sequences(count: int, rng: np.random.Generator) -> np.ndarray:
    """Ids (N, CONTEXT + 1) that grow by the step between the first two, round the vocabulary."""
    starts, strides = rng.integers(0, VOCABULARY, (count, 1)), rng.integers(1, 4, (count, 1))
    return ((starts + strides * np.arange(CONTEXT + 1)) % VOCABULARY).astype("int32")


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    train, test = make_sequences(1024, rng), make_sequences(200, rng)

    model = TiedLanguageModel(32)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(train[:, :-1], train[:, 1:], batch_size=64, epochs=6, verbose=2)
    logits = model(tf.constant(test[:, :-1]), training=False).numpy()
    print(f"test accuracy of the last id {np.mean(logits[:, -1].argmax(axis=-1) == test[:, -1]):.3f}")


if __name__ == "__main__":
    main()
