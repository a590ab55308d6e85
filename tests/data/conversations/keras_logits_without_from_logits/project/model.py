"""The network: two dense blocks and a linear head."""

from tensorflow import keras


def build_model(num_features: int, num_classes: int) -> keras.Model:
    """(batch, num_features) -> (batch, num_classes) logits."""
    return keras.Sequential(
        [
            keras.layers.Input((num_features,)),
            keras.layers.Dense(32, use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(num_classes),
        ]
    )
