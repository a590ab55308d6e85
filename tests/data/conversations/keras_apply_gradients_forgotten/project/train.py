"""A custom loop with a linear warm-up of the learning rate, on the digits."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

BATCH_SIZE, EPOCHS, WARMUP_STEPS, PEAK = 64, 6, 20, 5e-3


class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        progress = (tf.cast(step, tf.float32) + 1.0) / WARMUP_STEPS
        return PEAK * tf.minimum(1.0, progress)

    def get_config(self) -> dict:
        return {}


def main() -> None:
    keras.utils.set_random_seed(0)
    digits = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        (digits.data / 16.0).astype("float32"), digits.target, test_size=0.2, random_state=0
    )
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(2000, seed=0).batch(BATCH_SIZE)
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(BATCH_SIZE)
    model = keras.Sequential(
        [keras.layers.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    )
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(Warmup())
    accuracy = keras.metrics.SparseCategoricalAccuracy()

    for epoch in range(EPOCHS):
        for x, y in train:
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        print(f"epoch {epoch + 1}: loss {float(loss):.4f}")

    for x, y in test:
        accuracy.update_state(y, model(x, training=False))
    print(f"test accuracy: {float(accuracy.result()):.4f}")


if __name__ == "__main__":
    main()
