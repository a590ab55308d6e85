# /// pattern
# id = "tf.migration.embedding-length"
# topic = "migration.layers"
# questions = [
#   "Argument input_length is deprecated Embedding",
#   "Embedding input_length removed keras 3",
#   "embedding layer variable sequence length keras",
#   "LSTM time_major unrecognized keyword",
#   "Flatten after Embedding needs input_length",
#   "embeding input lenght keras",
# ]
# errors = [
#   "UserWarning: Argument `input_length` is deprecated. Just remove it.",
#   "ValueError: Unrecognized keyword arguments passed to LSTM: {'time_major': True}",
# ]
# apis = ["keras.layers.Embedding", "keras.layers.GlobalAveragePooling1D"]
# replaces = ["Embedding(input_length=)", "LSTM(time_major=)", "keras.layers.CuDNNLSTM"]
# why = """The length is part of the input, keras.Input((20,)), or unknown, keras.Input((None,)). With mask_zero=True a
# pooling or an LSTM passes over the padding, so that padded and bare sequences give the same answer."""
# pitfalls = """Flatten and Dense after an Embedding do need a fixed length: give it to keras.Input. mask_zero takes
# class 0 away: number the words from 1."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: Argument `input_length` is deprecated. Just remove it."
# ///
"""Sequences of any length: Embedding without input_length, with a mask."""

import keras
import numpy as np
from keras import layers


def build_model(*, words: int) -> keras.Model:
    """Word numbers (B, T), 0 being padding, to logits (B, 2), for any T."""
    inputs = keras.Input(shape=(None,), dtype="int32")
    x = layers.Embedding(words, 8, mask_zero=True)(inputs)  # (B, T, 8)
    x = layers.LSTM(6)(x)  # (B, 6)
    return keras.Model(inputs, layers.Dense(2)(x))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = build_model(words=10)
    bare = np.array([[3, 1, 4]])
    padded = np.array([[3, 1, 4, 0, 0, 0]])
    np.testing.assert_allclose(np.asarray(model(bare)), np.asarray(model(padded)), atol=1e-6)
    assert not np.allclose(np.asarray(model(bare)), np.asarray(model(np.array([[3, 1, 4, 9]]))))

    pooled = keras.Sequential(
        [keras.Input((None,), dtype="int32"), layers.Embedding(10, 8, mask_zero=True), layers.GlobalAveragePooling1D()]
    )
    table = pooled.layers[0].get_weights()[0]  # (10, 8)
    np.testing.assert_allclose(np.asarray(pooled(padded))[0], table[[3, 1, 4]].mean(axis=0), atol=1e-6)

    fixed = keras.Sequential([keras.Input((4,), dtype="int32"), layers.Embedding(10, 8), layers.Flatten()])
    assert fixed.output_shape == (None, 32)  # Flatten needs the length, and has it from the Input
    print(f"the same answer with and without padding: {np.asarray(model(padded)).round(3).tolist()}")
