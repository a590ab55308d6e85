"""Train a small causal transformer on lines of character arithmetic and let it continue a prompt.

The layers are registered, so that the saved model loads without their classes being named.
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

SEED = 5
VOCABULARY = "0123456789+=."
CONTEXT = 24
WIDTH = 32
HEADS = 4
DEPTH = 2
BATCH_SIZE = 32
EPOCHS = 5
MODEL_PATH = Path("char_gpt.keras")


@keras.saving.register_keras_serializable(package="char_gpt")
class TokenAndPosition(layers.Layer):
    """Ids (B, T) to vectors (B, T, width), T at most the context."""

    def __init__(self, vocabulary_size: int, context: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"vocabulary_size": vocabulary_size, "context": context, "width": width}
        self.tokens = layers.Embedding(vocabulary_size, width)
        self.positions = layers.Embedding(context, width)

    def build(self, ids_shape):
        self.tokens.build(ids_shape)
        self.positions.build((ids_shape[1],))

    def call(self, ids):
        steps = ops.arange(ops.shape(ids)[1])
        return self.tokens(ids) + self.positions(steps)

    def get_config(self):
        return {**super().get_config(), **self.settings}


@keras.saving.register_keras_serializable(package="char_gpt")
class CausalSelfAttention(layers.Layer):
    """Multi-head attention in which a position sees itself and what came before."""

    def __init__(self, width: int, heads: int, **kwargs):
        super().__init__(**kwargs)
        self.width, self.heads = width, heads
        self.query_key_value = layers.Dense(3 * width, use_bias=False)
        self.output_projection = layers.Dense(width, use_bias=False)

    def build(self, input_shape):
        self.query_key_value.build(input_shape)
        self.output_projection.build(input_shape)

    def split_heads(self, x):
        """(B, T, width) to (B, heads, T, width / heads)."""
        length = ops.shape(x)[1]
        x = ops.reshape(x, (-1, length, self.heads, self.width // self.heads))
        return ops.transpose(x, (0, 2, 1, 3))

    def call(self, x):
        length = ops.shape(x)[1]
        query, key, value = ops.split(self.query_key_value(x), 3, axis=-1)
        query, key, value = self.split_heads(query), self.split_heads(key), self.split_heads(value)
        scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) / (self.width // self.heads) ** 0.5
        visible = ops.tril(ops.ones((length, length), dtype="bool"))
        scores = ops.where(visible, scores, -1e9)
        mixed = ops.matmul(ops.softmax(scores, axis=-1), value)  # (B, heads, T, width / heads)
        mixed = ops.reshape(ops.transpose(mixed, (0, 2, 1, 3)), (-1, length, self.width))
        return self.output_projection(mixed)

    def get_config(self):
        return {**super().get_config(), "width": self.width, "heads": self.heads}


def gated_feed_forward(x):
    """(B, T, width) to the same shape, position by position."""
    gate = layers.Dense(2 * WIDTH, activation="silu")(x)
    return layers.Dense(WIDTH)(gate * layers.Dense(2 * WIDTH)(x))


def build_model() -> keras.Model:
    """Ids (B, T) to logits (B, T, vocabulary) of the next id."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = TokenAndPosition(len(VOCABULARY), CONTEXT, WIDTH)(ids)
    for _ in range(DEPTH):
        x = x + CausalSelfAttention(WIDTH, HEADS)(layers.LayerNormalization()(x))
        x = x + gated_feed_forward(layers.LayerNormalization()(x))
    logits = layers.Dense(len(VOCABULARY), name="logits")(layers.LayerNormalization()(x))
    return keras.Model(ids, logits, name="char_gpt")


def make_text(count: int, rng: np.random.Generator) -> str:
    """Sums such as 3+4=07. one after the other."""
    pairs = rng.integers(0, 6, (count, 2))
    return "".join(f"{a}+{b}={a + b:02d}." for a, b in pairs)


def make_windows(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets (N, CONTEXT), the targets one character ahead."""
    ids = np.array([VOCABULARY.index(character) for character in text], dtype="int32")
    starts = np.arange(0, len(ids) - CONTEXT, CONTEXT // 2 + 1)
    windows = np.stack([ids[start : start + CONTEXT + 1] for start in starts if start + CONTEXT < len(ids)])
    return windows[:, :-1], windows[:, 1:]


def continue_text(model: keras.Model, prompt: str, length: int) -> str:
    for _ in range(length):
        ids = np.array([[VOCABULARY.index(character) for character in prompt[-CONTEXT:]]], dtype="int32")
        logits = model(ids, training=False)[0, -1]
        prompt += VOCABULARY[int(ops.argmax(logits))]
    return prompt


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x_train, y_train = make_windows(make_text(3000, rng))
    x_val, y_val = make_windows(make_text(400, rng))

    model = build_model()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=5e-3, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    model.fit(x_train, y_train, validation_data=(x_val, y_val), batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=2)
    model.save(MODEL_PATH)

    reloaded = keras.saving.load_model(MODEL_PATH)
    print(continue_text(reloaded, "3+4=07.5+5=", 3))


if __name__ == "__main__":
    main()
