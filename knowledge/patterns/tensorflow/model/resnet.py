# /// pattern
# id = "tf.model.resnet"
# topic = "model.vision"
# role = "model"
# provides = "resnet"
# entry = "build_resnet"
# twin = "pt.model.resnet"
# questions = [
#     "resnet from scratch in keras",
#     "residual block keras functional api",
#     "skip connection with different number of filters",
#     "small resnet for cifar or digits tensorflow",
#     "Add layer shapes do not match shortcut",
#     "resnt keras small images",
# ]
# errors = [
#     "ValueError: Inputs have incompatible shapes. Received shapes",
#     "ValueError: Incompatible shapes for broadcasting",
# ]
# apis = ["keras.layers.Conv2D", "keras.layers.BatchNormalization", "keras.layers.Add"]
# why = """Where a stage halves the image and doubles the filters, the shortcut needs a 1x1 convolution with the same
# stride; elsewhere it stays the identity. A 3x3 stem keeps small images from vanishing: 7x7 with stride and pooling
# is for large ones."""
# pitfalls = "Batch normalisation wants batches of some 16 or more."
# when_not = "Few labelled photographs: fine-tune keras.applications.ResNet50V2 instead."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: Inputs have incompatible shapes"
# ///
"""A residual network of three stages for small and large images (He et al., arXiv 1512.03385)."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np


def conv_norm(x: keras.KerasTensor, filters: int, *, kernel_size: int, strides: int = 1) -> keras.KerasTensor:
    """(B, H, W, C) to (B, H / strides, W / strides, filters), batch-normalised."""
    x = keras.layers.Conv2D(
        filters, kernel_size, strides=strides, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    return keras.layers.BatchNormalization(momentum=0.9)(x)


def residual_block(x: keras.KerasTensor, filters: int, *, strides: int, activation: str) -> keras.KerasTensor:
    """Two 3x3 convolutions around a shortcut: (B, H, W, C) to (B, H / strides, W / strides, filters)."""
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = conv_norm(x, filters, kernel_size=1, strides=strides)
    x = conv_norm(x, filters, kernel_size=3, strides=strides)
    x = keras.layers.Activation(activation)(x)
    x = conv_norm(x, filters, kernel_size=3)
    return keras.layers.Activation(activation)(keras.layers.Add()([x, shortcut]))


def build_resnet(
    *,
    image_shape: tuple[int, int, int],
    num_classes: int,
    hidden_dim: int = 32,
    num_layers: int = 2,
    dropout: float = 0.25,
    activation: str = "relu",
) -> keras.Model:
    """Images (B, H, W, C) to logits (B, num_classes).

    Three stages of num_layers blocks with hidden_dim, 2 and 4 times hidden_dim filters. Images of 64 pixels and more
    pass the strided 7x7 stem of the paper, smaller ones a 3x3 stem.
    """
    inputs = keras.Input(shape=image_shape)  # (B, H, W, C)
    large = min(image_shape[:2]) >= 64
    x = conv_norm(inputs, hidden_dim, kernel_size=7 if large else 3, strides=2 if large else 1)
    x = keras.layers.Activation(activation)(x)
    if large:
        x = keras.layers.MaxPooling2D(3, strides=2, padding="same")(x)  # (B, H / 4, W / 4, hidden_dim)
    for stage in range(3):
        for block in range(num_layers):
            strides = 2 if stage > 0 and block == 0 else 1
            x = residual_block(x, hidden_dim * 2**stage, strides=strides, activation=activation)
    x = keras.layers.GlobalAveragePooling2D()(x)  # (B, 4 * hidden_dim)
    x = keras.layers.Dropout(dropout)(x)
    logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name="resnet")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    labels = np.arange(128) % 4
    images = (rng.normal(size=(128, 8, 8, 1)) + np.eye(4)[labels].repeat(2, axis=1)[:, :, None, None]).astype("float32")
    model = build_resnet(image_shape=(8, 8, 1), num_classes=4, hidden_dim=8, num_layers=1)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=3e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    losses = model.fit(images, labels, epochs=8, batch_size=32, verbose=0).history["loss"]
    print(f"{model.count_params()} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.6 * losses[0]
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "resnet.keras"
        model.save(path)
        reloaded = keras.models.load_model(path)
    assert np.allclose(model(images[:4]), reloaded(images[:4]), atol=1e-6)
    assert build_resnet(image_shape=(96, 96, 3), num_classes=10, num_layers=1).output_shape == (None, 10)
