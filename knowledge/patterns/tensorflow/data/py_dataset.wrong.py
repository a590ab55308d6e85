"""Wrong: a constructor that does not call the one of PyDataset, so the workers cannot be set."""

import keras
import numpy as np


class Points(keras.utils.PyDataset):
    """Four batches of ones."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size  # wrong: super().__init__(**workers) is missing

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return np.ones((self.batch_size, 2)), np.ones((self.batch_size, 1))


if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", jit_compile=False)
    model.fit(Points(8), verbose=0)
