"""Plain functions without tracing: regression on all rows at once, evaluated with a metric on held-out rows."""

import keras
import tensorflow as tf

keras.utils.set_random_seed(0)


def make_data(rows: int) -> tuple[tf.Tensor, tf.Tensor]:
    x = tf.random.normal((rows, 5))
    return x, 2.0 * x[:, :1] - x[:, 1:2] + 0.05 * tf.random.normal((rows, 1))


x, y = make_data(256)
x_test, y_test = make_data(100)
inputs = keras.Input((5,))
model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Dense(16, activation="tanh")(inputs)))
optimizer = keras.optimizers.SGD(0.1)
for _ in range(60):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    weights = model.trainable_weights
    optimizer.apply(tape.gradient(loss, weights), weights)
metric = keras.metrics.RootMeanSquaredError()
predicted = model(x_test, training=False)
print("mse", float(keras.losses.MeanSquaredError()(y_test, predicted)))
