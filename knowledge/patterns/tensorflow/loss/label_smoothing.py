# /// pattern
# id = "tf.loss.label-smoothing"
# topic = "loss.classification"
# twin = "pt.loss.label-smoothing"
# questions = [
#     "soften one-hot targets",
#     "label smoothing keras",
#     "label_smoothing with integer labels",
#     "SparseCategoricalCrossentropy label_smoothing",
#     "got an unexpected keyword argument 'label_smoothing'",
#     "network is overconfident, soften the targets tensorflow",
#     "lable smothing tensorflow",
# ]
# errors = ["TypeError: SparseCategoricalCrossentropy.__init__() got an unexpected keyword argument 'label_smoothing'",
#     "ValueError: Arguments `target` and `output` must have the same rank (ndim)."]
# apis = ["keras.ops.one_hot", "keras.losses.Loss"]
# replaces = ["tf.losses.softmax_cross_entropy"]
# why = """Only the losses on one-hot targets smooth. With smoothing s the target is 1 - s + s/K for the true class and
# s/K for each other, so logits stop growing; the loss cannot reach 0 any more, but the entropy of that target."""
# pitfalls = """val_loss is smoothed as well: watch a metric such as plain cross entropy or accuracy, and compare runs
# by that. keras.losses.CategoricalCrossentropy(label_smoothing=...) wants one-hot targets."""
# when_not = "Probabilities are used as they are: smoothing flattens them."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises TypeError: got an unexpected keyword argument 'label_smoothing'"
# ///
"""Label smoothing for integer labels, with the plain cross entropy as a metric."""

import keras
import numpy as np
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable()
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross entropy of logits (N, K) with smoothed targets, from class numbers (N,) or (N, 1)."""

    def __init__(self, *, smoothing: float, name: str = "smoothed_crossentropy", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        one_hot = ops.one_hot(ops.reshape(y_true, (-1,)), y_pred.shape[-1], dtype=y_pred.dtype)  # (N, K)
        return keras.losses.categorical_crossentropy(one_hot, y_pred, from_logits=True, label_smoothing=self.smoothing)

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"smoothing": self.smoothing}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    classes, smoothing = 10, 0.1
    loss = SmoothedCrossentropy(smoothing=smoothing)

    logits = np.random.default_rng(0).normal(size=(8, classes)).astype("float32")
    targets = (1 - smoothing) * np.eye(classes)[:8] + smoothing / classes  # (N, K)
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(loss(np.arange(8), logits), -(targets * log_probabilities).sum(axis=1).mean(), rtol=1e-5)

    x, y = np.eye(classes, dtype="float32"), np.arange(classes)
    model = keras.Sequential([keras.Input((classes,)), keras.layers.Dense(classes)])
    plain = keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="plain")
    model.compile(keras.optimizers.Adam(0.1), loss, metrics=[plain], jit_compile=False)
    history = model.fit(x.repeat(15, axis=0), y.repeat(15), epochs=20, batch_size=10, verbose=0).history

    true, other = 1 - smoothing + smoothing / classes, smoothing / classes
    floor = -true * np.log(true) - (classes - 1) * other * np.log(other)
    assert abs(history["loss"][-1] - floor) < 0.01 and history["plain"][-1] < 0.2 < floor
    print(f"smoothed {history['loss'][-1]:.3f}, plain {history['plain'][-1]:.3f}")
