"""Wrong: the order of the list; EarlyStopping looks before the figure is there, and never stops."""

import keras
import numpy as np


class ValidationF1(keras.callbacks.Callback):
    """A figure of one's own."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        logs["val_f1"] = 0.5


model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse", jit_compile=False)
patience = keras.callbacks.EarlyStopping("val_f1", mode="max", patience=1)
callbacks = [patience, ValidationF1()]  # wrong: the one that adds the figure comes first
model.fit(np.zeros((8, 4)), np.zeros((8, 1)), epochs=4, verbose=0, callbacks=callbacks)
