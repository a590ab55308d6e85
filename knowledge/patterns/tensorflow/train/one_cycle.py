# /// pattern
# id = "tf.train.one-cycle"
# topic = "train.schedule"
# twin = "pt.train.one-cycle"
# questions = [
#     "one cycle learning rate keras",
#     "write a custom LearningRateSchedule",
#     "LearningRateScheduler callback not settable",
#     "save and load a model with a custom learning rate schedule",
#     "linear warmup then decay schedule class keras",
#     "This optimizer was created with a LearningRateSchedule object, its learning rate is not settable",
#     "one cicle policy tensorflow",
#     "print the learning rate of each step keras",
# ]
# errors = ["""TypeError: This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` \
# constructor argument, hence its learning rate is not settable."""]
# apis = ["keras.optimizers.schedules.LearningRateSchedule", "keras.saving.register_keras_serializable"]
# replaces = ["tfa.optimizers.CyclicalLearningRate", "a callback that sets K.set_value(model.optimizer.lr)"]
# why = """A schedule is a function of the optimizer's step, so it changes with every batch and is saved with the model:
# step comes in as a tensor, and everything is computed by keras.ops. The rate rises along a cosine for the first 30 %
# of all steps and falls far below its start in the rest."""
# pitfalls = """A schedule in the optimizer and a callback that sets the rate exclude each other. Gradient accumulation:
# count updates, not batches. There is no momentum in it; PyTorch's cycles that too."""
# when_not = "One rate for each epoch is enough: keras.callbacks.LearningRateScheduler with a plain function."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises TypeError: hence its learning rate is not settable"
# ///
"""The one-cycle rate (Smith & Topin, arXiv 1708.07120) as a schedule that is saved with the model."""

import math
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="my_project")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """From peak / 25 up to peak over the first 30 % of the steps, then down to peak / 250,000, along cosines."""

    def __init__(self, peak: float, total_steps: int) -> None:
        self.peak, self.total_steps = peak, total_steps

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        step = ops.cast(step, "float32")
        top = 0.3 * self.total_steps
        rising = ops.minimum(step / top, 1.0)
        falling = ops.clip((step - top) / (self.total_steps - top), 0.0, 1.0)
        up = self.peak / 25 + self.peak * (1 - 1 / 25) * (1 - ops.cos(math.pi * rising)) / 2
        down = self.peak / 250_000 + self.peak * (1 - 1 / 250_000) * (1 + ops.cos(math.pi * falling)) / 2
        return ops.where(step < top, up, down)

    def get_config(self) -> dict[str, float]:
        return {"peak": self.peak, "total_steps": self.total_steps}


class RateRecorder(keras.callbacks.Callback):
    """The rate that is used for each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self.rates.append(float(self.model.optimizer.learning_rate))


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(320, 4)).astype("float32")
    y = np.sin(x[:, :1])
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(32, "tanh"), keras.layers.Dense(1)])
    schedule = OneCycle(0.2, total_steps=100)
    model.compile(keras.optimizers.SGD(schedule, momentum=0.9), "mse", jit_compile=False)
    recorder = RateRecorder()
    losses = model.fit(x, y, batch_size=32, epochs=10, verbose=0, callbacks=[recorder]).history["loss"]
    assert losses[-1] < 0.5 * losses[0], losses

    assert len(recorder.rates) == 100 and int(np.argmax(recorder.rates)) == 30
    for step, expected in {0: 0.008, 15: 0.104, 30: 0.2, 65: 0.1}.items():
        assert abs(recorder.rates[step] / expected - 1) < 1e-3, (step, recorder.rates[step])
    assert recorder.rates[-1] < 0.001

    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.keras")
        loaded = keras.saving.load_model(Path(folder) / "model.keras")
    assert int(loaded.optimizer.iterations) == 100  # training would go on at the end of the cycle
    assert abs(float(loaded.optimizer.learning_rate) - 0.2 / 250_000) < 1e-8
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, rates {min(recorder.rates):.1e} to {max(recorder.rates):.2f}")
