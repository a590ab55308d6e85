"""Right: the optimiser keeps a moving average that is swapped in for validation, so training and evaluation differ."""

import keras
import numpy as np
from keras import layers

SEED = 12


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(1500, 8)).astype("float32")
    y = (np.abs(x[:, 0]) + np.abs(x[:, 1]) > 1.5).astype("int32")

    model = keras.Sequential(
        [keras.Input((8,)), layers.Dense(32, activation="relu"), layers.Dense(32, activation="relu"), layers.Dense(2)]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2, use_ema=True, ema_momentum=0.95),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        x[:1000],
        y[:1000],
        validation_data=(x[1000:1250], y[1000:1250]),
        batch_size=50,
        epochs=10,
        callbacks=[keras.callbacks.SwapEMAWeights()],
        verbose=2,
    )
    model.optimizer.finalize_variable_values(model.trainable_variables)
    scores = model.evaluate(x[1250:], y[1250:], return_dict=True, verbose=0)
    print(f"test accuracy of the averaged weights {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
