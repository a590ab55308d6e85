"""Right: four micro-batches are averaged before every step, so most backward passes have no step of their own."""

import keras
import numpy as np
import tensorflow as tf

SEED = 1
MICRO_BATCHES = 4


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(1280, 10)).astype("float32")
    y = (x[:, :1] * x[:, 1:2] > 0).astype("float32")
    train = tf.data.Dataset.from_tensor_slices((x[:1024], y[:1024])).shuffle(1024, seed=SEED).batch(16)

    model = keras.Sequential(
        [keras.Input((10,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)]
    )
    optimizer = keras.optimizers.Adam(learning_rate=1e-2)
    optimizer.build(model.trainable_variables)
    loss_function = keras.losses.BinaryCrossentropy(from_logits=True)
    sums = [tf.Variable(tf.zeros_like(variable)) for variable in model.trainable_variables]

    @tf.function
    def accumulate(features, labels):
        with tf.GradientTape() as tape:
            loss = loss_function(labels, model(features, training=True)) / MICRO_BATCHES
        for total, gradient in zip(sums, tape.gradient(loss, model.trainable_variables), strict=True):
            total.assign_add(gradient)
        return loss * MICRO_BATCHES

    @tf.function
    def apply():
        optimizer.apply_gradients(zip([total.read_value() for total in sums], model.trainable_variables, strict=True))
        for total in sums:
            total.assign(tf.zeros_like(total))

    for epoch in range(10):
        losses = []
        for index, batch in enumerate(train, start=1):
            losses.append(float(accumulate(*batch)))
            if index % MICRO_BATCHES == 0:
                apply()
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}")
    logits = model(x[1024:], training=False).numpy()
    print(f"test accuracy {np.mean((logits > 0) == (y[1024:] > 0.5)):.3f}")


if __name__ == "__main__":
    main()
