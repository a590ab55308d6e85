# /// pattern
# id = "tf.nlp.gpt"
# topic = "nlp.language-model"
# twin = "pt.nlp.gpt"
# questions = [
#     "write a small GPT in keras",
#     "use_causal_mask in MultiHeadAttention",
#     "decoder only transformer tensorflow",
#     "predict the next token language model keras",
#     "causal mask keras attention look ahead mask",
#     "text generation model from scratch keras",
#     "language model learns to copy instead of predicting",
#     "autoregresive transfomer keras",
# ]
# apis = ["keras.layers.MultiHeadAttention", "keras.layers.Embedding", "keras.layers.LayerNormalization"]
# replaces = ["tf.linalg.band_part", "create_look_ahead_mask", "attention_mask=causal_mask"]
# why = """With use_causal_mask=True position t attends to 0..t alone, so one pass over a text is T training examples:
# the logits at t are compared with the token at t + 1. Without it the answer stands in the input."""
# pitfalls = """The flag belongs to the call, not to the constructor. fit gets ids[:, :-1] and ids[:, 1:]; the same
# array twice teaches copying."""
# when_not = "Text of a real language: fine-tune a trained model."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: position 0 sees the tokens after it"
# ///
"""A small GPT: a decoder-only transformer that predicts the next token and cannot look ahead."""

import math

import keras
import numpy as np
from keras import KerasTensor, ops


class TokensAndPositions(keras.layers.Layer):
    """Ids (B, T), T up to context, to the sum of token and position embeddings (B, T, width)."""

    def __init__(self, vocab_size: int, *, context: int, width: int) -> None:
        super().__init__()
        self.tokens = keras.layers.Embedding(vocab_size, width)
        self.positions = keras.layers.Embedding(context, width)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.tokens.build(input_shape)
        self.positions.build(input_shape)

    def call(self, ids: KerasTensor) -> KerasTensor:
        return self.tokens(ids) + self.positions(ops.arange(ops.shape(ids)[1]))


def decoder_block(x: KerasTensor, *, heads: int) -> KerasTensor:
    """Causal self-attention, then a two-layer perceptron; each normalised before and added, (B, T, D) to (B, T, D)."""
    width = x.shape[-1]
    normed = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    x = x + keras.layers.MultiHeadAttention(heads, key_dim=width // heads)(normed, normed, use_causal_mask=True)
    wide = keras.layers.Dense(4 * width, activation="gelu")(keras.layers.LayerNormalization(epsilon=1e-5)(x))
    return x + keras.layers.Dense(width)(wide)


def build_gpt(vocab_size: int, *, context: int, width: int = 32, heads: int = 4, layers: int = 2) -> keras.Model:
    """Ids (B, T) to logits (B, T, vocab_size) for the token that follows each position."""
    ids = keras.Input((None,), dtype="int32")
    x = TokensAndPositions(vocab_size, context=context, width=width)(ids)
    for _ in range(layers):
        x = decoder_block(x, heads=heads)
    return keras.Model(ids, keras.layers.Dense(vocab_size)(keras.layers.LayerNormalization(epsilon=1e-5)(x)))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    start, step = rng.integers(0, 11, size=(512, 1)), rng.integers(1, 11, size=(512, 1))
    texts = ((start + step * np.arange(10)) % 11).astype("int32")  # (512, 10): counting in steps, modulo 11
    model = build_gpt(11, context=10)

    changed = texts[:1].copy()
    changed[0, 6] = (changed[0, 6] + 1) % 11
    before, after = np.asarray(model(texts[:1])), np.asarray(model(changed))
    np.testing.assert_allclose(after[:, :6], before[:, :6], atol=1e-6)  # the past does not see token 6
    assert np.abs(after[:, 6:] - before[:, 6:]).max(axis=-1).min() > 1e-4

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.005), loss, jit_compile=False)
    losses = model.fit(texts[:, :-1], texts[:, 1:], epochs=25, batch_size=64, verbose=0).history["loss"]
    assert losses[0] < 1.2 * math.log(11) and losses[-1] < 0.5 * losses[0]

    written = texts[:, :3]
    for _ in range(7):
        written = np.concatenate([written, np.asarray(model(written))[:, -1:].argmax(axis=2)], axis=1)
    right = (written == texts).all(axis=1).mean()
    assert right > 0.8, right
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, {right:.0%} continued without a mistake")
