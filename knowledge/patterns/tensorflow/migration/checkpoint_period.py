# /// pattern
# id = "tf.migration.checkpoint-period"
# topic = "migration.callbacks"
# questions = [
#   "ModelCheckpoint period argument removed",
#   "save the model every 5 epochs keras",
#   "unexpected keyword argument period",
#   "save_freq in epochs keras",
#   "checkpoint every n epochs tensorflow",
#   "modelcheckpoint peroid",
# ]
# errors = [
#   "TypeError: ModelCheckpoint.__init__() got an unexpected keyword argument 'period'",
# ]
# apis = ["keras.callbacks.ModelCheckpoint", "keras.callbacks.Callback"]
# replaces = ["ModelCheckpoint(period=)", "period="]
# why = """save_freq counts batches, or is "epoch". Every five epochs is 5 * steps, with the steps per epoch rounded
# up; a callback of five lines counts epochs and does not depend on the batch size."""
# pitfalls = """With save_freq in batches the last one falls at the end of an epoch only if the steps per epoch are
# right, and save_best_only then has no val_loss to look at."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: ModelCheckpoint.__init__() got an unexpected keyword argument 'period'"
# ///
"""Save a model every few epochs."""

import math
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np


class SaveEvery(keras.callbacks.Callback):
    """Write folder/epoch-NN.keras after each `epochs` epochs."""

    def __init__(self, folder: Path, *, epochs: int) -> None:
        super().__init__()
        self.folder, self.epochs = folder, epochs

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:  # noqa: ARG002
        if (epoch + 1) % self.epochs == 0:
            self.model.save(self.folder / f"epoch-{epoch + 1:02d}.keras")


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    x = np.ones((50, 2), "float32")
    steps = math.ceil(len(x) / 32)  # 2 batches an epoch
    model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        by_batches = keras.callbacks.ModelCheckpoint(folder / "batch-{epoch:02d}.keras", save_freq=2 * steps)
        model.fit(x, x[:, :1], epochs=5, verbose=0, callbacks=[SaveEvery(folder, epochs=2), by_batches])
        saved = sorted(path.name for path in folder.iterdir())
        first, last = (keras.models.load_model(folder / f"epoch-0{epoch}.keras") for epoch in (2, 4))
    print(saved)
    assert saved == ["batch-02.keras", "batch-04.keras", "epoch-02.keras", "epoch-04.keras"]
    assert int(first.optimizer.iterations) == 2 * steps and int(last.optimizer.iterations) == 4 * steps
