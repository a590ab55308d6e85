# /// pattern
# id = "tf.nlp.sinusoidal-positions"
# topic = "nlp.positions"
# twin = "pt.nlp.sinusoidal-positions"
# questions = [
#     "positional encoding layer keras",
#     "sine and cosine positions transformer tensorflow",
#     "add positional encoding to an embedding keras",
#     "why does a transformer need positions keras",
#     "positional encoding keeps the mask of the embedding",
#     "replacement for keras_nlp SinePositionEncoding",
#     "positonal encodng keras",
# ]
# apis = ["keras.layers.Embedding", "keras.Layer.supports_masking", "keras.saving.register_keras_serializable"]
# replaces = ["keras_nlp.layers.SinePositionEncoding", "positional_encoding of the transformer tutorial"]
# why = """Attention knows no order: without positions a text and its words shuffled give the same. Sines and cosines of
# frequencies from 1 down to 1/10,000 (arXiv 1706.03762) need no training and go on for any length; the product of two
# positions depends on their distance alone. supports_masking hands the embedding's mask on."""
# pitfalls = """Scale embeddings by sqrt(D), or the positions are louder than the words. Without supports_masking
# padding takes part in the attention from here on."""
# when_not = "A fixed longest length: a second Embedding, of positions."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the order of the words does not matter"
# ///
"""Sinusoidal positions added to token embeddings, with the mask handed on."""

import keras
import numpy as np
from keras import KerasTensor, ops


def sinusoids(length: int, dim: int) -> np.ndarray:
    """(length, dim), dim even: sin in the even columns, cos in the odd ones, slower from left to right."""
    angles = np.arange(length)[:, None] / 10_000 ** (np.arange(0, dim, 2) / dim)  # (T, D / 2)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(length, dim).astype("float32")


@keras.saving.register_keras_serializable(package="text")
class AddPositions(keras.layers.Layer):
    """Embeddings (B, T, D), T up to longest, to sqrt(D) * embeddings + positions."""

    def __init__(self, *, longest: int = 512, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.longest = longest
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.positions = sinusoids(self.longest, input_shape[-1])  # a constant, not a weight

    def call(self, x: KerasTensor) -> KerasTensor:
        return x * x.shape[-1] ** 0.5 + self.positions[: ops.shape(x)[1]]

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"longest": self.longest}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    table = sinusoids(100, 16)
    for t, column in ((0, 0), (7, 3), (99, 14)):
        angle = t / 10_000 ** (column // 2 * 2 / 16)
        assert abs(table[t, column] - (np.cos(angle) if column % 2 else np.sin(angle))) < 1e-5
    products = table @ table.T  # (T, T)
    for distance in (0, 1, 10):
        assert np.ptp(np.diagonal(products, distance)) < 1e-4  # the same at all places
    assert products[50].argmax() == 50

    embedding, positions = keras.layers.Embedding(20, 16, mask_zero=True), AddPositions()
    rng = np.random.default_rng(0)
    ids = rng.integers(1, 20, size=(3, 10))
    embedded = embedding(ids)
    with_positions = positions(embedded)
    np.testing.assert_allclose(with_positions - 4 * embedded, np.tile(table[:10], (3, 1, 1)), atol=1e-5)
    assert with_positions._keras_mask is not None and not positions.weights

    attention = keras.layers.MultiHeadAttention(4, key_dim=4)
    shuffled = embedding(ids[:, rng.permutation(10)])
    for ordered, (x, y) in ((False, (embedded, shuffled)), (True, (with_positions, positions(shuffled)))):
        means = [np.asarray(attention(texts, texts)).mean(axis=1) for texts in (x, y)]
        assert np.allclose(*means, atol=1e-5) != ordered  # without positions the order is lost
    print(table[:3, :4].round(3))
