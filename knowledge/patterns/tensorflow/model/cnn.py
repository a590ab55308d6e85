# /// pattern
# id = "tf.model.cnn"
# topic = "model.vision"
# role = "model"
# provides = "cnn"
# entry = "build_cnn"
# twin = "pt.model.cnn"
# questions = [
#     "small cnn in keras",
#     "convolutional neural network image classifier tensorflow",
#     "conv2d batchnorm maxpooling keras functional api",
#     "cnn for 8x8 or 28x28 or 224x224 images",
#     "global average pooling instead of flatten",
#     "from_logits softmax last layer",
#     "conv net keras clasifier",
# ]
# errors = [
#     "ValueError: Negative dimension size caused by subtracting 2 from 1",
#     "Computed output size would be negative",
# ]
# apis = [
#     "keras.layers.Conv2D",
#     "keras.layers.BatchNormalization",
#     "keras.layers.GlobalAveragePooling2D",
#     "keras.losses.SparseCategoricalCrossentropy",
# ]
# why = """Global average pooling makes the head independent of the image size, and logits with from_logits=True are
# the stable way to cross entropy. A linear head under from_logits=False is read as probabilities: no error, and a
# loss that means nothing."""
# pitfalls = "The dtype float32 of the head matters under mixed precision: a softmax of 16 bit logits loses digits."
# when_not = "Few labelled photographs: fine-tune a pretrained network instead."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: logits were read as probabilities"
# ///
"""A small convolutional image classifier for images from 8x8 to 224x224 pixels."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np


def build_cnn(
    *,
    image_shape: tuple[int, int, int],
    num_classes: int,
    hidden_dim: int = 32,
    num_layers: int = 2,
    dropout: float = 0.25,
    activation: str = "relu",
) -> keras.Model:
    """Images (B, H, W, C) to logits (B, num_classes).

    num_layers blocks of convolution, batch normalisation and pooling; the first has hidden_dim filters and each
    following one twice as many. Pooling stops before the image gets smaller than 2x2.
    """
    inputs = keras.Input(shape=image_shape)  # (B, H, W, C)
    x = inputs
    for block in range(num_layers):
        x = keras.layers.Conv2D(hidden_dim * 2**block, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.Activation(activation)(x)
        if min(x.shape[1:3]) >= 4:
            x = keras.layers.MaxPooling2D(2)(x)  # (B, H / 2, W / 2, filters)
    x = keras.layers.GlobalAveragePooling2D()(x)  # (B, filters)
    x = keras.layers.Dropout(dropout)(x)
    logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name="cnn")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    labels = np.arange(256) % 4
    images = (rng.normal(size=(256, 8, 8, 1)) + np.eye(4)[labels].repeat(2, axis=1)[:, :, None, None]).astype("float32")
    model = build_cnn(image_shape=(8, 8, 1), num_classes=4, hidden_dim=16)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=3e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    losses = model.fit(images, labels, epochs=8, batch_size=32, verbose=0).history["loss"]
    print(f"{model.count_params()} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.6 * losses[0]
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cnn.keras"
        model.save(path)
        reloaded = keras.models.load_model(path)
    assert np.allclose(model(images[:4]), reloaded(images[:4]), atol=1e-6)
    assert build_cnn(image_shape=(224, 224, 3), num_classes=10, num_layers=5).output_shape == (None, 10)
    assert build_cnn(image_shape=(8, 8, 1), num_classes=10, num_layers=5).output_shape == (None, 10)
