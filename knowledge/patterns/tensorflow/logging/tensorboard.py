# /// pattern
# id = "tf.logging.tensorboard"
# topic = "train.logging"
# role = "logging"
# provides = "tensorboard"
# entry = "tensorboard_callbacks"
# twin = "pt.logging.tensorboard"
# questions = [
#     "tensorboard with keras",
#     "log the learning rate to tensorboard keras",
#     "TensorBoard callback write_grads",
#     "plot train and validation loss in tensorboard",
#     "event files keras 3",
#     "tensorbord callback",
# ]
# errors = ["TypeError: TensorBoard.__init__() got an unexpected keyword argument 'write_grads'"]
# apis = ["keras.callbacks.TensorBoard"]
# replaces = ["TensorBoard(write_grads=)", "TensorBoard(batch_size=)", "tf.summary.FileWriter"]
# why = """The callback writes loss and metrics of training and validation side by side, and the learning rate, also
# that of a schedule, as epoch_learning_rate; histograms and graphs are left out because they are slow and rarely
# read."""
# pitfalls = "A new run into an old log_dir is drawn over the old curve: use one folder per run."
# when_not = """A handful of epochs: history.history or keras.callbacks.CSVLogger says the same in a file that anything
# reads."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: got an unexpected keyword argument 'write_grads'"
# ///
"""Epoch curves of training and validation for TensorBoard: tensorboard --logdir LOG_DIR."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def tensorboard_callbacks(log_dir: Path) -> list[keras.callbacks.Callback]:
    """Callbacks that write loss, metrics and learning rate of each epoch to log_dir/train and log_dir/validation."""
    return [keras.callbacks.TensorBoard(log_dir, update_freq="epoch", write_graph=False)]


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own callbacks.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    schedule = keras.optimizers.schedules.CosineDecay(0.1, decay_steps=6)
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(schedule), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        log_dir = Path(folder) / "run"
        model.fit(
            x, x[:, :1], validation_data=(x, x[:, :1]), epochs=3, verbose=0, callbacks=tensorboard_callbacks(log_dir)
        )
        for path in log_dir.rglob("events.out.tfevents.*"):
            for record in tf.data.TFRecordDataset(str(path)):
                for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value:
                    name = f"{path.parent.name}/{value.tag}"
                    found.setdefault(name, []).append(float(tf.make_ndarray(value.tensor)))
    print({name: len(values) for name, values in found.items()})
    assert len(found["train/epoch_loss"]) == len(found["validation/epoch_loss"]) == 3
    assert found["train/epoch_loss"][-1] < found["train/epoch_loss"][0]
    rates = found["train/epoch_learning_rate"]
    assert np.allclose(rates, [float(schedule(step)) for step in (2, 4, 6)])
