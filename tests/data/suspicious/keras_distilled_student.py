"""Right: the student learns from the teacher's softened probabilities, which are no one-hot rows, by its own logits."""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

SEED = 7
TEMPERATURE = 3.0


def network(width: int) -> keras.Model:
    return keras.Sequential([keras.Input((64,)), layers.Dense(width, activation="relu"), layers.Dense(10)])


def main() -> None:
    keras.utils.set_random_seed(SEED)
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(SEED).permutation(len(x))
    x, y = (x[order] / 16.0).astype("float32"), y[order]

    teacher = network(64)
    hard_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    teacher.compile(optimizer=keras.optimizers.Adam(learning_rate=5e-3), loss=hard_loss)
    teacher.fit(x[:1400], y[:1400], batch_size=64, epochs=8, verbose=0)
    soft_targets = np.array(ops.softmax(teacher.predict(x[:1400], verbose=0) / TEMPERATURE))

    def soft_loss(probabilities, logits):
        return TEMPERATURE**2 * keras.losses.categorical_crossentropy(
            probabilities, logits / TEMPERATURE, from_logits=True
        )

    student = network(16)
    student.compile(optimizer=keras.optimizers.Adam(learning_rate=5e-3), loss=soft_loss)
    student.fit(x[:1400], soft_targets, batch_size=64, epochs=12, verbose=2)
    predicted = student.predict(x[1400:], verbose=0).argmax(axis=-1)
    print(f"student's test accuracy {np.mean(predicted == y[1400:]):.3f}")


if __name__ == "__main__":
    main()
