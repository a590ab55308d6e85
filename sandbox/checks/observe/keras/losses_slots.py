"""Variables that a traced function writes to what a loss was given, so that it can be read after each run of it."""

from typing import Any

import numpy as np
import tensorflow as tf

from observe.keras.variables import kept, of_any_shape

MOST_SLOTS = 40
MOST_ROWS = 256
MOST_VALUES = 200_000
DTYPES = {
    "output": tf.float32,
    "target": tf.float64,
    "ids": tf.int64,
    "answer": tf.float32,
    "weights": tf.float32,
    "divergences": tf.float32,
}


class Slot:
    """Where one loss of one trace leaves its latest call."""

    def __init__(self) -> None:
        self.count = kept(np.int64(0))
        self.value = kept(0.0)
        self.arrays: dict[str, tf.Variable] = {}
        self.constants: dict[str, Any] = {}
        self.site: Any = None
        self.call: Any = None
        self.seen = 0

    def write(self, value: Any, **tensors: Any) -> None:
        """Extend the trace; of each tensor the first rows are kept."""
        for name, tensor in tensors.items():
            if tensor is not None:
                if name not in self.arrays:
                    self.arrays[name] = of_any_shape(DTYPES[name])
                self.arrays[name].assign(tf.cast(_first_rows(tensor), DTYPES[name]))
        self.value.assign(tf.cast(tf.reduce_mean(value), tf.float32))
        self.count.assign_add(1)

    def called(self) -> int:
        """Calls since this was last asked."""
        before, self.seen = self.seen, int(self.count)
        return self.seen - before

    def read(self, name: str) -> np.ndarray | None:
        return self.arrays[name].numpy() if name in self.arrays else None


def _first_rows(tensor: Any) -> Any:
    if tensor.shape.rank in (0, None):
        return tensor
    width = int(np.prod([size or 1 for size in tensor.shape[1:].as_list()]))
    return tensor[: max(1, min(MOST_ROWS, MOST_VALUES // max(1, width)))]
