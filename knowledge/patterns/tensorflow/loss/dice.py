# /// pattern
# id = "tf.loss.dice"
# topic = "loss.segmentation"
# twin = "pt.loss.dice"
# questions = [
#     "dice loss keras segmentation",
#     "keras.losses.Dice from logits",
#     "combine dice and cross entropy keras",
#     "dice loss is huge or negative",
#     "tversky loss segmentation keras",
#     "dise loss unet tensorflow",
# ]
# apis = ["keras.losses.Dice"]
# replaces = ["segmentation_models dice_loss"]
# why = """Dice compares overlap with size, so a small object counts as much as the background. keras.losses.Dice takes
# probabilities and one-hot masks, knows no from_logits, and adds up all classes unless axis says which to keep
# apart."""
# pitfalls = """By default classes are pooled: the background then decides. axis=(0, 1, 2) for (B, H, W, K) keeps the
# classes, and their mean is taken. keras.losses.Tversky weighs misses and false alarms apart."""
# when_not = "Balanced classes: cross entropy alone is steadier."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: outside of [0, 1]"
# ///
"""Soft dice plus cross entropy for segmentation, from logits and integer masks."""

import keras
import numpy as np
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable()
class DiceCrossentropy(keras.losses.Loss):
    """Cross entropy plus 1 - dice of each class; logits (B, H, W, K), class numbers (B, H, W)."""

    def __init__(self, name: str = "dice_crossentropy", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        self.dice = keras.losses.Dice(axis=(0, 1, 2))

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        one_hot = ops.one_hot(ops.cast(y_true, "int32"), y_pred.shape[-1], dtype=y_pred.dtype)  # (B, H, W, K)
        crossentropy = keras.losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)  # (B, H, W)
        return ops.mean(crossentropy) + self.dice(one_hot, ops.softmax(y_pred))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    labels = np.zeros((4, 16, 16), "int32")
    labels[:, 4:8, 4:8] = 1  # a small square, 16 of 256 pixels
    shifted = np.zeros_like(labels)
    shifted[:, 4:8, 6:10] = 1  # half of it is right
    truth, guess = np.eye(2, dtype="float32")[labels], np.eye(2, dtype="float32")[shifted]

    per_class = float(keras.losses.Dice(axis=(0, 1, 2))(truth, guess))
    assert abs(per_class - (1 - (2 * 8 / (16 + 16) + 2 * 232 / (240 + 240)) / 2)) < 1e-4
    pooled = float(keras.losses.Dice()(truth, guess))
    assert abs(pooled - (1 - 2 * 240 / (256 + 256))) < 1e-4 and pooled < per_class / 4  # the background decides

    images = labels[..., None] + np.random.default_rng(0).normal(scale=0.3, size=(4, 16, 16, 1))
    model = keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Conv2D(2, 3, padding="same")])
    model.compile(keras.optimizers.Adam(0.05), DiceCrossentropy(), jit_compile=False)
    images, labels = images.astype("float32").repeat(10, axis=0), labels.repeat(10, axis=0)
    losses = model.fit(images, labels, epochs=8, batch_size=4, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
