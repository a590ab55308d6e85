# /// pattern
# id = "tf.vision.vision-transformer"
# topic = "vision.classification"
# twin = "pt.vision.vision-transformer"
# questions = [
#     "vision transformer from scratch in keras",
#     "vit patch embedding layer tensorflow",
#     "split an image into patches keras",
#     "class token and position embedding layer keras 3",
#     "small ViT for cifar with MultiHeadAttention",
#     "transformer for image classification keras positions",
#     "vison transformer keras",
#     "tf.image.extract_patches inside a functional model",
# ]
# errors = ["ValueError: A KerasTensor cannot be used as input to a TensorFlow function"]
# apis = ["keras.layers.MultiHeadAttention", "keras.layers.Conv2D", "keras.layers.LayerNormalization",
#     "keras.Layer.add_weight"]
# replaces = ["tf.image.extract_patches", "tfa.layers.MultiHeadAttention", "vit_keras"]
# why = """A convolution whose stride is its kernel size is one linear map for each patch. Attention does not know where
# a token came from: a learnt position is added to each, or the network could not tell an image from a shuffled one, as
# the demo shows. A class token collects the answer."""
# pitfalls = """Positions are made for one image size. Train with warm-up and AdamW: transformers start badly at a full
# rate."""
# when_not = "A few thousand images and no pretrained weights: a small CNN learns more from them."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: KerasTensor"
# ///
"""A small vision transformer (Dosovitskiy et al., arXiv 2010.11929): patches as tokens."""

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable(package="my_project")
class ClassTokenAndPositions(layers.Layer):
    """Patches (B, P, D) to tokens (B, 1 + P, D): a learnt token in front, a learnt position on each."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        _, count, width = input_shape
        self.token = self.add_weight(shape=(1, 1, width), initializer="zeros", name="token")
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.positions = self.add_weight(shape=(1, 1 + count, width), initializer=small, name="positions")

    def call(self, patches: keras.KerasTensor) -> keras.KerasTensor:
        token = ops.tile(self.token, (ops.shape(patches)[0], 1, 1))
        return ops.concatenate([token, patches], axis=1) + self.positions


def vision_transformer(
    *, image_size: int, patch_size: int, width: int, depth: int, heads: int, num_classes: int
) -> keras.Model:
    """Images (B, S, S, 3) to logits (B, K)."""
    images = keras.Input((image_size, image_size, 3))
    x = layers.Conv2D(width, patch_size, strides=patch_size, name="patches")(images)
    x = layers.Reshape((-1, width))(x)  # (B, P, width), row by row
    x = ClassTokenAndPositions(name="tokens")(x)
    for _ in range(depth):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads)(y, y)])
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(4 * width, activation="gelu")(y)
        x = layers.Add()([x, layers.Dense(width)(y)])
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    return keras.Model(images, layers.Dense(num_classes)(x[:, 0]))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    images = rng.normal(0, 0.5, size=(256, 16, 16, 3)).astype("float32")
    labels = rng.integers(0, 2, 256)
    images[labels == 0, :, :8] += 1.5  # bright on the left: class 0; on the right: class 1
    images[labels == 1, :, 8:] += 1.5
    model = vision_transformer(image_size=16, patch_size=4, width=32, depth=2, heads=4, num_classes=2)

    # The convolution is a linear map of each patch: here the one in row 1, column 2.
    patches = model.get_layer("patches")
    kernel = np.asarray(patches.kernel.value).reshape(48, 32)
    by_hand = images[:, 4:8, 8:12].reshape(256, 48) @ kernel + np.asarray(patches.bias.value)
    np.testing.assert_allclose(patches(images)[:, 1, 2], by_hand, rtol=1e-3, atol=1e-4)

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(2e-3), loss, jit_compile=False)
    losses = model.fit(images, labels, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0], losses

    swapped = np.roll(images, 8, axis=2)  # whole patches change places
    assert np.mean(np.argmax(model(swapped), axis=1) != labels) > 0.9  # left has become right
    tokens = model.get_layer("tokens")
    tokens.positions.assign(ops.zeros_like(tokens.positions))
    np.testing.assert_allclose(model(swapped), model(images), rtol=1e-2, atol=1e-3)  # blind without positions
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}")
