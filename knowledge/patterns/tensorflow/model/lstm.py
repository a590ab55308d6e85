# /// pattern
# id = "tf.model.lstm"
# topic = "model.text"
# role = "model"
# provides = "lstm"
# entry = "build_lstm_classifier"
# twin = "pt.model.lstm"
# questions = [
#     "lstm text classification keras",
#     "bidirectional lstm with padding mask",
#     "embedding mask_zero keras",
#     "stacked lstm return_sequences",
#     "rnn classifier for token ids tensorflow",
#     "lstm sentimnt classifier",
#     "CuDNNLSTM replacement",
# ]
# errors = [
#     "ValueError: Input 0 of layer \"lstm\" is incompatible with the layer: expected ndim=3, found ndim=2",
#     "UserWarning: Argument `input_length` is deprecated. Just remove it.",
# ]
# apis = ["keras.layers.Embedding", "keras.layers.Bidirectional", "keras.layers.LSTM"]
# replaces = ["keras.layers.CuDNNLSTM", "Embedding(input_length=)", "LSTM(time_major=)"]
# why = """mask_zero makes every later layer skip the padding. Without it the LSTM runs on over the zeros, and the
# same text gets other logits when it is padded to another length."""
# pitfalls = """Ids must be padded on the right: only then does the fast GPU kernel take the mask. Id 0 must not be a
# word."""
# when_not = "Long texts or pretrained knowledge: a transformer."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: padding changes the logits"
# ///
"""A bidirectional LSTM that classifies sequences of token ids and skips their padding."""

import keras
import numpy as np


def build_lstm_classifier(
    *,
    vocab_size: int,
    num_classes: int,
    embedding_dim: int = 64,
    hidden_dim: int = 64,
    num_layers: int = 1,
    dropout: float = 0.2,
) -> keras.Model:
    """Token ids (B, T), 0 = padding, to logits (B, num_classes); T may differ between batches."""
    ids = keras.Input(shape=(None,), dtype="int32")  # (B, T)
    x = keras.layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(ids)  # (B, T, embedding_dim)
    for layer in range(num_layers):
        last = layer == num_layers - 1
        x = keras.layers.Dropout(dropout)(x)
        x = keras.layers.Bidirectional(keras.layers.LSTM(hidden_dim, return_sequences=not last))(x)
    x = keras.layers.Dropout(dropout)(x)  # (B, 2 * hidden_dim)
    logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(x)
    return keras.Model(ids, logits, name="lstm_classifier")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    ids = rng.integers(2, 20, size=(256, 10)).astype("int32")
    ids[:, 6:] = 0  # padding
    labels = (ids[:, 0] < 11).astype("int64")  # the first word decides
    model = build_lstm_classifier(vocab_size=20, num_classes=2, embedding_dim=16, hidden_dim=16)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    losses = model.fit(ids, labels, epochs=5, batch_size=32, verbose=0).history["loss"]
    print(f"{model.count_params()} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.6 * losses[0]
    assert np.allclose(model(ids), model(ids[:, :6]), atol=1e-5)  # padding does not count
