"""Right: the state is carried from batch to batch on purpose, so the batch size is fixed and the order kept."""

import keras
import numpy as np
from keras import layers

SEED = 10
STREAMS = 16
STEPS = 10


def make_streams(length: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Bits (streams, length, 1) and their majority since the last reset signal, a value of 2."""
    bits = rng.choice([-1.0, 1.0], (STREAMS, length))
    resets = rng.random((STREAMS, length)) < 0.05
    totals = np.zeros((STREAMS, length))
    running = np.zeros(STREAMS)
    for step in range(length):
        running = np.where(resets[:, step], 0.0, running + bits[:, step])
        totals[:, step] = running
    signals = np.stack([np.where(resets, 0.0, bits), resets], axis=-1)
    return signals.astype("float32"), (totals[..., None] > 0).astype("float32")


def segments(array: np.ndarray) -> np.ndarray:
    """Consecutive pieces of all streams: batch k holds steps k * STEPS and on of every stream."""
    pieces = array.reshape(STREAMS, -1, STEPS, array.shape[-1])
    return pieces.transpose(1, 0, 2, 3).reshape(-1, STEPS, array.shape[-1])


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x_train, y_train = (segments(array) for array in make_streams(300, rng))
    x_test, y_test = (segments(array) for array in make_streams(100, rng))

    inputs = keras.Input(batch_shape=(STREAMS, STEPS, 2))
    recurrent = layers.LSTM(24, stateful=True, return_sequences=True)
    model = keras.Model(inputs, layers.Dense(1)(recurrent(inputs)))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
    )
    for _ in range(8):
        recurrent.reset_states()
        model.fit(x_train, y_train, batch_size=STREAMS, epochs=1, shuffle=False, verbose=2)
    recurrent.reset_states()
    scores = model.evaluate(x_test, y_test, batch_size=STREAMS, return_dict=True, verbose=0)
    print(f"test accuracy {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
