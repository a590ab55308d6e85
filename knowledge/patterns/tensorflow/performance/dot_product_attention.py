# /// pattern
# id = "tf.performance.dot-product-attention"
# topic = "performance.attention"
# twin = "pt.performance.sdpa"
# questions = [
#   "keras.ops.dot_product_attention example",
#   "flash attention in keras",
#   "scaled_dot_product_attention in tensorflow",
#   "attention mask True means attend keras",
#   "MultiHeadAttention attention_mask shape",
#   "padding mask and causal mask together keras",
#   "keras atention mask inverted",
# ]
# apis = ["keras.ops.dot_product_attention", "keras.layers.MultiHeadAttention"]
# replaces = ["tf.keras.layers.Attention(use_scale=True)", "tfa.layers.MultiHeadAttention"]
# why = """One call for softmax(q kᵀ / √d) v, by a fused kernel where the backend has one. Its layout is (batch, time,
# heads, width), not PyTorch's (batch, heads, time, width): swapped axes raise nothing, and the heads then attend to one
# another. In all of Keras a mask is True where attention may go."""
# pitfalls = """A query that may look nowhere gets a mean over everything, not zeros: mask the output too. Flash
# attention takes no mask beyond the causal one. keras.config.enable_flash_attention asks for that kernel."""
# when_not = "A layer with its projections: keras.layers.MultiHeadAttention, which does this inside."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the result is that of another attention"
# ///
"""Fused attention in Keras, keras.ops.dot_product_attention: the formula it equals, its layout and its masks."""

import keras
import numpy as np
from keras import ops


def attention_by_formula(q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """q (B, T, H, D), k and v (B, S, H, D), allowed (B, T, S), to (B, T, H, D)."""
    scores = np.einsum("bthd,bshd->bhts", q, k) / np.sqrt(q.shape[-1])
    weights = np.exp(scores) * allowed[:, None]
    return np.einsum("bhts,bshd->bthd", weights / weights.sum(axis=-1, keepdims=True), v)


def causal_and_padding(lengths: keras.KerasTensor, steps: int) -> keras.KerasTensor:
    """(B,) to (B, T, T): True where a query may look, at itself and before, and not at padding."""
    positions = ops.arange(steps)
    causal = positions[:, None] >= positions[None, :]  # (T, T)
    valid = positions[None, :] < lengths[:, None]  # (B, T)
    return ops.logical_and(causal[None], valid[:, None, :])


if __name__ == "__main__":
    q, k, v = np.random.default_rng(0).normal(size=(3, 2, 6, 4, 8)).astype("float32")  # (2, 6 steps, 4 heads, 8)
    allowed = causal_and_padding(ops.convert_to_tensor([6, 4]), steps=6)
    result = ops.dot_product_attention(q, k, v, mask=allowed[:, None])  # (B, 1, T, S): the same for every head
    expected = attention_by_formula(q, k, v, ops.convert_to_numpy(allowed))
    assert np.allclose(result, expected, atol=1e-5)
    causal = np.tril(np.ones((2, 6, 6)))
    by_flag = ops.dot_product_attention(q, k, v, is_causal=True)
    assert np.allclose(by_flag, attention_by_formula(q, k, v, causal), atol=1e-5)

    k[1, 4:], v[1, 4:] = 99, 99  # other padding in the second sample
    assert np.allclose(ops.dot_product_attention(q, k, v, mask=allowed[:, None]), expected, atol=1e-5)

    layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
    x = np.random.default_rng(1).normal(size=(2, 6, 8)).astype("float32")
    before = layer(x, x, attention_mask=allowed)
    x[1, 4:] = 99
    after = layer(x, x, attention_mask=allowed)  # the layer's mask means the same
    assert np.allclose(before[0], after[0], atol=1e-5) and np.allclose(before[1, :4], after[1, :4], atol=1e-5)
    print("equal to the formula, and blind to the padding")
