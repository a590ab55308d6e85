# /// pattern
# id = "tf.checkpoint.checkpoint"
# topic = "train.checkpoint"
# role = "checkpoint"
# provides = "checkpoint"
# entry = "checkpoint_callbacks"
# twin = "pt.checkpoint.checkpoint"
# questions = [
#     "save the best model keras",
#     "ModelCheckpoint filepath must end in .keras",
#     "resume training after an interruption keras",
#     "BackupAndRestore with optimizer state",
#     "checkpoint every epoch tensorflow",
#     "modelcheckpoint hdf5 error",
#     "resume trainning keras",
# ]
# errors = [
#     "ValueError: The filepath provided must end in `.keras` (Keras model format).",
#     "ValueError: The filename must end in `.weights.h5`.",
# ]
# apis = ["keras.callbacks.ModelCheckpoint", "keras.callbacks.BackupAndRestore"]
# replaces = [
#     "ModelCheckpoint('x.hdf5')",
#     "ModelCheckpoint('x.h5')",
#     "ModelCheckpoint(period=)",
#     "callbacks.experimental.BackupAndRestore",
# ]
# why = """BackupAndRestore keeps weights, optimizer moments and step count, but not the seeds of dropout, and
# ModelCheckpoint forgets its best value, so that a resumed run overwrites a better model. With both kept, the resumed
# run ends with the very weights of an uninterrupted one."""
# pitfalls = """The order in which tf.data shuffles starts anew after a resumption, and so do the counts of other
# callbacks. The backup is deleted when fit ends."""
# when_not = "Only the best weights within one run are wanted: EarlyStopping(restore_best_weights=True)."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: The filepath provided must end in `.keras`"
# ///
"""The best model as best.keras, and a backup from which an interrupted fit goes on."""

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np


class BestCheckpoint(keras.callbacks.ModelCheckpoint):
    """Save the model with the lowest val_loss; the value lies beside the file for a run that is resumed."""

    def __init__(self, path: Path, *, resumed: bool) -> None:
        self.score_path = path.with_suffix(".json")
        best = json.loads(self.score_path.read_text())["val_loss"] if resumed and self.score_path.exists() else None
        super().__init__(path, monitor="val_loss", mode="min", save_best_only=True, initial_value_threshold=best)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        if self.best is not None:
            self.score_path.write_text(json.dumps({"val_loss": float(self.best)}))


class Backup(keras.callbacks.BackupAndRestore):
    """BackupAndRestore that also keeps the states of random layers such as Dropout, which weight files leave out."""

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory), double_checkpoint=True)
        self.generators_path = directory / "generators.json"

    def generator_states(self) -> list[keras.Variable]:
        return [variable for variable in self.model.variables if variable.name == "seed_generator_state"]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        if self.generators_path.exists():
            saved = json.loads(self.generators_path.read_text())
            for state, value in zip(self.generator_states(), saved, strict=True):
                state.assign(value)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        states = [keras.ops.convert_to_numpy(state).tolist() for state in self.generator_states()]
        self.generators_path.write_text(json.dumps(states))


def checkpoint_callbacks(directory: Path) -> list[keras.callbacks.Callback]:
    """Callbacks that write directory/best.keras and resume from directory/backup where an earlier fit left one."""
    directory.mkdir(parents=True, exist_ok=True)
    backup = directory / "backup"
    best = BestCheckpoint(directory / "best.keras", resumed=backup.exists())
    # The backup comes last: an epoch counts as done once its best model is saved.
    return [best, Backup(backup)]


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(128, 4)).astype("float32")
    y = x.sum(axis=1, keepdims=True)

    def train(callbacks: list[keras.callbacks.Callback]) -> keras.Model:
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Dense(16, activation="relu"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input(shape=(4,)), *layers])
        schedule = keras.optimizers.schedules.CosineDecay(0.01, decay_steps=24)
        model.compile(optimizer=keras.optimizers.Adam(schedule), loss="mse", jit_compile=False)
        model.fit(x, y, validation_data=(x, y), epochs=6, shuffle=False, verbose=0, callbacks=callbacks)
        return model

    class Interruption(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:  # noqa: ARG002
            if epoch == 3:
                raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as folder:
        uninterrupted = train(checkpoint_callbacks(Path(folder) / "whole"))
        directory = Path(folder) / "parts"
        try:
            train([*checkpoint_callbacks(directory), Interruption()])
        except KeyboardInterrupt:
            print("interrupted:", sorted(path.name for path in directory.iterdir()))
        resumed_callbacks = checkpoint_callbacks(directory)
        assert resumed_callbacks[0].best is not None
        resumed = train(resumed_callbacks)
        best = keras.models.load_model(directory / "best.keras")
    difference = max(np.abs(a - b).max() for a, b in zip(uninterrupted.weights, resumed.weights, strict=True))
    print(f"largest difference of a weight after resuming: {difference:.1e}")
    assert difference < 1e-6 and int(resumed.optimizer.iterations) == 24
    assert best.evaluate(x, y, verbose=0) <= resumed.evaluate(x, y, verbose=0) + 1e-6
