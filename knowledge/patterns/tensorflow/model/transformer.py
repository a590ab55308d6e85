# /// pattern
# id = "tf.model.transformer"
# topic = "model.text"
# role = "model"
# provides = "transformer"
# entry = "build_transformer_classifier"
# twin = "pt.model.transformer"
# questions = [
#     "transformer encoder text classification keras",
#     "multi head attention with padding mask keras",
#     "pre norm transformer block tensorflow",
#     "positional embedding layer keras",
#     "register custom layer so load_model works",
#     "get_config custom layer serialization",
#     "transfomer classifer from scratch keras",
# ]
# errors = [
#     "TypeError: Could not locate class",
#     "Make sure custom classes and functions are decorated with `@keras.saving.register_keras_serializable()`.",
# ]
# apis = [
#     "keras.layers.MultiHeadAttention",
#     "keras.layers.LayerNormalization",
#     "keras.saving.register_keras_serializable",
#     "keras.layers.GlobalAveragePooling1D",
# ]
# why = """Normalising before attention and feed-forward trains without a warm-up where the original order often
# diverges. The mask keeps padding out of attention and pooling; the registered layer lets load_model rebuild the file
# without custom_objects."""
# pitfalls = """A custom layer that embeds must hand on the mask itself (compute_mask); without it padding takes part
# silently."""
# when_not = "A few hundred texts: a bag of words or an LSTM does better."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises TypeError: Could not locate class"
# ///
"""A pre-norm transformer encoder that classifies sequences of token ids (Xiong et al., arXiv 2002.04745)."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="text")
class TokenAndPositionEmbedding(keras.layers.Layer):
    """Ids (B, T), 0 = padding, to the sum of token and learned position embeddings (B, T, hidden_dim), with a mask."""

    def __init__(self, *, vocab_size: int, sequence_length: int, hidden_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.sequence_length = sequence_length
        self.hidden_dim = hidden_dim
        self.tokens = keras.layers.Embedding(vocab_size, hidden_dim, mask_zero=True)
        self.positions = keras.layers.Embedding(sequence_length, hidden_dim)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.tokens.build(input_shape)
        self.positions.build(input_shape)

    def call(self, ids: keras.KerasTensor) -> keras.KerasTensor:
        positions = keras.ops.arange(keras.ops.shape(ids)[1])  # (T,)
        return self.tokens(ids) + self.positions(positions)  # (B, T, hidden_dim)

    def compute_mask(self, ids: keras.KerasTensor, _previous_mask: None = None) -> keras.KerasTensor:
        # The first position always counts: the mean over an empty text would be NaN.
        first = keras.ops.arange(keras.ops.shape(ids)[1]) == 0  # (T,)
        return keras.ops.logical_or(keras.ops.not_equal(ids, 0), first)  # (B, T)

    def get_config(self) -> dict[str, Any]:
        sizes = {
            "vocab_size": self.vocab_size,
            "sequence_length": self.sequence_length,
            "hidden_dim": self.hidden_dim,
        }
        return super().get_config() | sizes


def encoder_block(x: keras.KerasTensor, *, num_heads: int, dropout: float) -> keras.KerasTensor:
    """One pre-norm block, (B, T, hidden_dim) to the same shape; attention takes its mask from x."""
    hidden_dim = x.shape[-1]
    normed = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    attention = keras.layers.MultiHeadAttention(num_heads, key_dim=hidden_dim // num_heads, dropout=dropout)
    x = keras.layers.Add()([x, keras.layers.Dropout(dropout)(attention(normed, normed))])
    normed = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    wide = keras.layers.Dense(4 * hidden_dim, activation="gelu")(normed)  # (B, T, 4 * hidden_dim)
    narrow = keras.layers.Dense(hidden_dim)(keras.layers.Dropout(dropout)(wide))
    return keras.layers.Add()([x, keras.layers.Dropout(dropout)(narrow)])


def build_transformer_classifier(
    *,
    vocab_size: int,
    sequence_length: int,
    num_classes: int,
    hidden_dim: int = 64,
    num_layers: int = 2,
    num_heads: int = 4,
    dropout: float = 0.1,
) -> keras.Model:
    """Token ids (B, sequence_length), 0 = padding, to logits (B, num_classes)."""
    if hidden_dim % num_heads:
        raise ValueError(f"hidden_dim {hidden_dim} is not a multiple of num_heads {num_heads}")
    ids = keras.Input(shape=(sequence_length,), dtype="int32")  # (B, T)
    x = TokenAndPositionEmbedding(vocab_size=vocab_size, sequence_length=sequence_length, hidden_dim=hidden_dim)(ids)
    x = keras.layers.Dropout(dropout)(x)
    for _ in range(num_layers):
        x = encoder_block(x, num_heads=num_heads, dropout=dropout)
    x = keras.layers.LayerNormalization(epsilon=1e-5)(x)  # (B, T, hidden_dim)
    x = keras.layers.GlobalAveragePooling1D()(x)  # (B, hidden_dim), the mean of what is not padding
    logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(x)
    return keras.Model(ids, logits, name="transformer_classifier")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    ids = rng.integers(2, 20, size=(256, 10)).astype("int32")
    ids[:, 6:] = 0  # padding
    labels = (ids[:, 0] < 11).astype("int64")  # the first word decides
    sizes = {"vocab_size": 20, "num_classes": 2, "hidden_dim": 16, "num_layers": 1, "num_heads": 2}
    model = build_transformer_classifier(sequence_length=10, **sizes)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    losses = model.fit(ids, labels, epochs=6, batch_size=32, verbose=0).history["loss"]
    print(f"{model.count_params()} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.7 * losses[0]
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transformer.keras"
        model.save(path)
        reloaded = keras.models.load_model(path)
    assert np.allclose(model(ids), reloaded(ids), atol=1e-6)
    assert np.isfinite(model(np.zeros((1, 10), "int32"))).all()  # an empty text
    longer = build_transformer_classifier(sequence_length=14, **sizes)
    weights = model.get_weights()
    weights[1] = np.concatenate([weights[1], np.ones((4, 16), "float32")])  # positions 10..13
    longer.set_weights(weights)
    assert np.allclose(model(ids), longer(np.pad(ids, [(0, 0), (0, 4)])), atol=1e-5)  # padding does not count
