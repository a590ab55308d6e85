# /// pattern
# id = "tf.data.py-dataset"
# topic = "data.loading"
# twin = "pt.data.loader-workers"
# questions = [
#   "keras.utils.PyDataset example",
#   "keras Sequence data generator for fit",
#   "Your `PyDataset` class should call `super().__init__(**kwargs)` in its constructor",
#   "workers and use_multiprocessing in keras 3",
#   "custom data generator keras from files",
#   "shuffle a PyDataset after each epoch on_epoch_end",
#   "fit with a generator that loads batches",
#   "fit_generator is gone",
#   "keras sequnce generator",
# ]
# errors = [
#   "UserWarning: Your `PyDataset` class should call `super().__init__(**kwargs)` in its constructor.",
#   "TypeError: fit() got an unexpected keyword argument 'use_multiprocessing'",
#   "AttributeError: 'Sequential' object has no attribute 'fit_generator'",
# ]
# apis = ["keras.utils.PyDataset", "keras.Model.fit"]
# replaces = ["keras.utils.Sequence", "fit_generator", "fit(workers=4, use_multiprocessing=True)"]
# why = """A PyDataset says how many batches there are and makes batch number i, so fit can shuffle the batches, read
# ahead in several workers, and count an epoch. The workers are arguments of the data set, handed on by
# super().__init__(**kwargs)."""
# pitfalls = """fit(shuffle=True) changes only the order of batches; samples are mixed in on_epoch_end. Batches must
# come out alike whichever worker asks, so keep no state that __getitem__ changes."""
# when_not = "Arrays in memory: fit(x, y). Files of a common form: tf.data, which runs outside of Python's lock."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "warns UserWarning: Your `PyDataset` class should call `super().__init__(**kwargs)`"
# ///
"""Batches made in Python by workers of their own: keras.utils.PyDataset, shuffled anew after each epoch."""

import keras
import numpy as np


class Points(keras.utils.PyDataset):
    """Batches of features (B, 2) and targets (B, 1); the last batch may be smaller."""

    def __init__(self, x: np.ndarray, y: np.ndarray, *, batch_size: int, seed: int, **workers: int) -> None:
        super().__init__(**workers)  # workers, use_multiprocessing, max_queue_size
        self.x, self.y, self.batch_size = x, y, batch_size
        self.rng = np.random.default_rng(seed)
        self.order = self.rng.permutation(len(x))

    def __len__(self) -> int:
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.x[rows], self.y[rows]

    def on_epoch_end(self) -> None:
        """Samples meet others in the next epoch."""
        self.order = self.rng.permutation(len(self.x))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(250, 2)).astype("float32")
    y = x @ np.array([[2.0], [-1.0]], dtype="float32") + 0.5
    data = Points(x, y, batch_size=32, seed=0, workers=2)
    assert len(data) == 8 and len(data[7][0]) == 250 - 7 * 32
    read = np.concatenate([data[index][0] for index in range(len(data))])
    assert np.array_equal(np.sort(read, axis=0), np.sort(x, axis=0))  # each row once
    before = data.order.copy()

    model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse", jit_compile=False)
    losses = model.fit(data, epochs=10, verbose=0).history["loss"]
    assert losses[-1] < 0.01 * losses[0]
    assert int(model.optimizer.iterations) == 80  # 8 batches in each of 10 epochs
    assert not np.array_equal(before, data.order)
    kernel, bias = model.layers[0].get_weights()
    assert np.allclose(kernel.ravel(), [2, -1], atol=0.1) and abs(bias[0] - 0.5) < 0.1
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.4f}")
