# /// pattern
# id = "tf.train.backup-and-restore"
# topic = "train.checkpoint"
# questions = [
#     "resume interrupted training keras",
#     "BackupAndRestore callback example",
#     "continue fit after a crash from the last epoch",
#     "preemptible machine, training starts again from epoch 1",
#     "initial_epoch and load_weights to resume keras",
#     "optimizer state lost when resuming keras",
#     "backup and restor callback tensorflow",
#     "resume in the middle of an epoch save_freq",
# ]
# errors = ["ValueError: Empty `backup_dir` argument passed"]
# apis = ["keras.callbacks.BackupAndRestore", "keras.Model.fit"]
# replaces = ["keras.callbacks.experimental.BackupAndRestore", "initial_epoch with load_weights",
#     "ModelCheckpoint to resume"]
# why = """BackupAndRestore writes the weights, the optimizer's state and the number of the epoch, and reads them back
# when the same script is started again: fit then goes on with the next epoch. Saved weights alone lose Adam's moments
# and the step count of the schedule."""
# pitfalls = """The backup is deleted when fit ends normally: it is no checkpoint to keep. The order of the data is not
# in it, nor are other callbacks' counters, such as EarlyStopping's patience."""
# when_not = "A model to keep or to compare: ModelCheckpoint beside it."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the resumed training goes another way"
# ///
"""Training that goes on after a crash as if it had never stopped."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np


def build_model() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=False)
    return model


def train(model: keras.Model, x: np.ndarray, y: np.ndarray, *, epochs: int, callbacks: list[object]) -> list[int]:
    """Fit in the given order of the samples; the numbers of the epochs that were run."""
    history = model.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0, callbacks=callbacks)
    return history.epoch


class PowerCut(keras.callbacks.Callback):
    """End the process' training at the start of the given epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.at = epoch

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        if epoch == self.at:
            raise KeyboardInterrupt


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    x = np.random.default_rng(0).normal(size=(128, 4)).astype("float32")
    y = x[:, :1] * x[:, 1:2]
    whole = build_model()
    train(whole, x, y, epochs=6, callbacks=[])

    with tempfile.TemporaryDirectory() as folder:
        backup = Path(folder) / "backup"
        try:
            train(build_model(), x, y, epochs=6, callbacks=[keras.callbacks.BackupAndRestore(backup), PowerCut(4)])
        except KeyboardInterrupt:
            assert any(backup.iterdir())
        resumed = build_model()  # the script is started again: new weights, a new optimizer
        epochs = train(resumed, x, y, epochs=6, callbacks=[keras.callbacks.BackupAndRestore(backup)])
        assert not backup.exists()  # the training has ended: nothing to resume
    assert epochs == [4, 5]
    for resumed_weight, weight in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(resumed_weight, weight, rtol=1e-4, atol=1e-6)
    print("epochs after the crash:", [epoch + 1 for epoch in epochs])
