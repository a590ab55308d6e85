"""Wrong: each replica takes the mean over its own samples; the sum over two replicas is twice the gradient."""

import keras
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)


def step_length(strategy: tf.distribute.Strategy) -> float:
    """How far one step of SGD moves the weights, which begin at zero."""
    with strategy.scope():
        model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build(model.trainable_variables)

    def replica_step(features: tf.Tensor, targets: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((targets - model(features)) ** 2)  # wrong: compute_average_loss
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    dataset = strategy.experimental_distribute_dataset(tf.data.Dataset.from_tensor_slices((x, y)).batch(32))
    for batch in dataset:
        tf.function(strategy.run)(replica_step, args=batch)
    return float(np.linalg.norm(model.get_weights()[0]))


if __name__ == "__main__":
    two = step_length(tf.distribute.MirroredStrategy([f"CPU:{number}" for number in range(2)]))
    one = step_length(tf.distribute.get_strategy())
    assert abs(two / one - 1) < 0.01, f"the step is {two / one:.1f} times too long"
