# /// pattern
# id = "tf.logging.histograms"
# topic = "train.logging"
# twin = "pt.logging.histograms"
# questions = [
#   "log gradient norms per layer keras",
#   "weight histograms tensorboard keras histogram_freq",
#   "see vanishing gradients layer by layer tensorflow",
#   "monitor gradients during fit",
#   "write_grads removed from TensorBoard callback",
#   "tf.summary.histogram of gradients",
#   "tensorbord histogramm gradients keras",
# ]
# errors = ["ValueError: No gradients provided for any variable."]
# apis = ["tf.summary.histogram", "tf.summary.scalar", "tf.summary.create_file_writer", "tf.GradientTape",
#   "keras.callbacks.Callback"]
# replaces = ["TensorBoard(write_grads=True)", "TensorBoard(histogram_freq=1) for gradients", "tf.summary.FileWriter"]
# why = """The TensorBoard callback writes weights (histogram_freq=1), but no gradients any more. A callback that
# computes them on one fixed batch at the end of an epoch does, and leaves fit as it is. One number a layer tells
# whether they vanish: the norm of the gradient over the norm of the weight. Ten sigmoid layers show it: the first
# layer's share is less than a thousandth of the last one's, with ReLU and He's initialisation they are alike."""
# pitfalls = """A fixed batch makes epochs comparable, and costs one more forward and backward pass. Histograms in every
# batch are slow and fill the disk. Under mixed_float16 these gradients are not scaled."""
# when_not = "One number is enough: the global norm as a metric from a train_step of one's own."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: no gradients"
# ///
"""Gradients of each layer, for TensorBoard: norms as curves, values as histograms, from a callback of fit."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def gradient_shares(model: keras.Model, x: np.ndarray, y: np.ndarray) -> dict[str, tuple[float, tf.Tensor]]:
    """For each kernel |gradient| / |weight| and the gradient, of a compiled model on one batch."""
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=True))
    kernels = [v for v in model.trainable_variables if len(v.shape) > 1]
    gradients = tape.gradient(loss, [kernel.value for kernel in kernels])
    shares = [float(tf.norm(g) / tf.norm(kernel.value)) for g, kernel in zip(gradients, kernels, strict=True)]
    return {kernel.path: pair for kernel, pair in zip(kernels, zip(shares, gradients, strict=True), strict=True)}


class GradientLog(keras.callbacks.Callback):
    """Writes what gradient_shares gives on a fixed batch after each epoch."""

    def __init__(self, log_dir: Path, x: np.ndarray, y: np.ndarray) -> None:
        super().__init__()
        self.writer = tf.summary.create_file_writer(str(log_dir))
        self.x, self.y = x, y

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:  # noqa: ARG002
        with self.writer.as_default(step=epoch):
            for path, (share, gradient) in gradient_shares(self.model, self.x, self.y).items():
                tf.summary.scalar(f"gradient/{path}", share)
                tf.summary.histogram(f"gradient_values/{path}", gradient)

    def on_train_end(self, logs: dict | None = None) -> None:  # noqa: ARG002
        self.writer.close()


def deep(activation: str) -> keras.Sequential:
    """Ten layers of 32."""
    initializer = "he_normal" if activation == "relu" else "glorot_uniform"
    hidden = [keras.layers.Dense(32, activation=activation, kernel_initializer=initializer) for _ in range(10)]
    model = keras.Sequential([keras.Input(shape=(32,)), *hidden, keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.001), loss="mse", jit_compile=False)
    return model


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own callbacks.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 32)).astype("float32"), rng.normal(size=(64, 1)).astype("float32")
    ratios = {}
    for activation in ("sigmoid", "relu"):
        model = deep(activation)
        shares = [share for share, _ in gradient_shares(model, x, y).values()]
        assert len(shares) == 11
        ratios[activation] = shares[0] / shares[-2]  # the first layer against the last hidden one
    print({name: f"{ratio:.1e}" for name, ratio in ratios.items()})
    assert ratios["sigmoid"] < 1e-3 and 0.01 < ratios["relu"] < 100

    with tempfile.TemporaryDirectory() as folder:
        model.fit(x, y, epochs=2, verbose=0, callbacks=[GradientLog(Path(folder), x, y)])
        events = [path for path in Path(folder).iterdir() if "tfevents" in path.name]
        tags = [
            value.tag
            for record in tf.data.TFRecordDataset([str(path) for path in events])
            for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value
        ]
    assert len(tags) == 2 * 2 * 11 and len(set(tags)) == 2 * 11
