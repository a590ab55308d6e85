# /// pattern
# id = "tf.train.ema"
# topic = "train.averaging"
# twin = "pt.train.ema"
# questions = [
#     "exponential moving average of weights keras",
#     "use_ema ema_momentum optimizer option",
#     "validate with the ema weights keras SwapEMAWeights",
#     "save the averaged weights instead of the last ones",
#     "stochastic weight averaging keras",
#     "finalize_variable_values custom training loop",
#     "exponental moving averge weights tensorflow",
#     "ema weights are not used in evaluate",
# ]
# apis = ["keras.optimizers.SGD"]
# replaces = ["tfa.optimizers.MovingAverage", "tfa.optimizers.SWA", "tf.train.ExponentialMovingAverage"]
# why = """At a constant rate the weights keep jumping around a minimum; their running average lies nearer to it. With
# use_ema=True the optimizer keeps it, and at the end of fit the model is given the average. During fit, validation sees
# the plain weights, unless SwapEMAWeights is among the callbacks."""
# pitfalls = """A momentum m remembers about 1 / (1 - m) steps. In a loop of one's own nothing is overwritten until
# finalize_variable_values is called. A checkpoint callback goes behind SwapEMAWeights(swap_on_epoch=True)."""
# when_not = "A schedule that falls to zero does much of the same: measure before keeping both."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the model has the last weights, not the averaged ones"
# ///
"""An exponential moving average of the weights, kept by the optimizer and put into the model at the end of fit."""

import keras
import numpy as np


def averaging_optimizer(learning_rate: float, *, momentum: float) -> keras.optimizers.Optimizer:
    """SGD that keeps average = momentum * average + (1 - momentum) * weights after each step."""
    return keras.optimizers.SGD(learning_rate, use_ema=True, ema_momentum=momentum)


class Recorder(keras.callbacks.Callback):
    """The kernel after every batch."""

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self.kernels: list[np.ndarray] = []

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self.kernels.append(self.model.layers[-1].get_weights()[0])


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1024, 8)).astype("float32")
    truth = rng.normal(size=(8, 1)).astype("float32")
    y = x @ truth + rng.normal(0, 2, size=(1024, 1)).astype("float32")  # much noise: small batches disagree
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile(averaging_optimizer(0.1, momentum=0.95), "mse", jit_compile=False)
    recorder = Recorder()
    losses = model.fit(x, y, batch_size=8, epochs=2, verbose=0, callbacks=[recorder]).history["loss"]
    assert losses[-1] < losses[0]

    by_hand = recorder.kernels[0]  # the first step copies
    for kernel in recorder.kernels[1:]:
        by_hand = 0.95 * by_hand + 0.05 * kernel
    kernel = model.layers[-1].get_weights()[0]
    np.testing.assert_allclose(kernel, by_hand, rtol=1e-3, atol=1e-4)

    last_error = np.mean([np.square(kernel - truth).mean() for kernel in recorder.kernels[-50:]])
    error = np.square(kernel - truth).mean()
    assert error < 0.5 * last_error, (error, last_error)
    print(f"error of the weights: {last_error:.3f} by the last steps, {error:.3f} by the average")
