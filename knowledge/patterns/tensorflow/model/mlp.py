# /// pattern
# id = "tf.model.mlp"
# topic = "model.tabular"
# role = "model"
# provides = "mlp"
# entry = "build_mlp"
# twin = "pt.model.mlp"
# questions = [
#     "mlp in keras for tabular data",
#     "dense network for regression tensorflow",
#     "fully connected classifier keras",
#     "feed forward neural network with dropout",
#     "do not pass an input_shape argument to a layer warning",
#     "multi layer perceptron kers",
# ]
# errors = [
#     "Do not pass an `input_shape`/`input_dim` argument to a layer.",
#     "ValueError: Cannot convert '3' to a shape.",
# ]
# apis = ["keras.Input", "keras.layers.Dense", "keras.layers.Dropout"]
# replaces = ["input_shape=", "input_dim="]
# why = """keras.Input states the shape once and builds the weights at once, so summary(), save_weights() and
# BackupAndRestore work before the first batch. The head is linear: logits for classes, values for a regression."""
# pitfalls = "A shape is a tuple: keras.Input(shape=(3,)), not 3."
# when_not = "Tables of a few thousand rows: compare with gradient-boosted trees before choosing a network."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "warns UserWarning: Do not pass an `input_shape`/`input_dim` argument to a layer"
# ///
"""A multi-layer perceptron: class logits or regression values from a row of features."""

import keras
import numpy as np


def build_mlp(
    *,
    in_features: int,
    out_features: int,
    hidden_dim: int = 64,
    num_layers: int = 2,
    dropout: float = 0.1,
    activation: str = "relu",
) -> keras.Model:
    """Features (B, in_features) to logits or values (B, out_features) through num_layers hidden layers."""
    inputs = keras.Input(shape=(in_features,))  # (B, F)
    x = inputs
    for _ in range(num_layers):
        x = keras.layers.Dense(hidden_dim, activation=activation)(x)  # (B, hidden_dim)
        x = keras.layers.Dropout(dropout)(x)
    outputs = keras.layers.Dense(out_features, dtype="float32", name="outputs")(x)
    return keras.Model(inputs, outputs, name="mlp")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    features = rng.normal(size=(512, 10)).astype("float32")
    targets = np.sin(features[:, :1]) + features[:, 1:2]  # (512, 1)
    model = build_mlp(in_features=10, out_features=1)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=3e-3), loss="mse", jit_compile=False)
    losses = model.fit(features, targets, epochs=15, batch_size=32, verbose=0).history["loss"]
    print(f"{model.count_params()} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.3 * losses[0]
    assert build_mlp(in_features=4, out_features=3, num_layers=0).count_params() == 4 * 3 + 3
