"""Right: a variational auto-encoder draws its code anew in evaluation too, and its input is its target."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

SEED = 2
CODE = 2


class VariationalAutoencoder(keras.Model):
    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.encoder = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(2 * CODE)])
        self.decoder = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(width)])
        self.seeds = keras.random.SeedGenerator(SEED)
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def call(self, x):
        mean, log_variance = ops.split(self.encoder(x), 2, axis=-1)
        code = mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.seeds)
        return self.decoder(code), mean, log_variance

    def negative_elbo(self, x):
        reconstruction, mean, log_variance = self(x)
        error = ops.sum(ops.square(x - reconstruction), axis=-1) / (2 * 0.1**2)
        divergence = -0.5 * ops.sum(1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=-1)
        return ops.mean(error + divergence)

    def train_step(self, x):
        with tf.GradientTape() as tape:
            loss = self.negative_elbo(x)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def test_step(self, x):
        self.loss_tracker.update_state(self.negative_elbo(x))
        return {"loss": self.loss_tracker.result()}


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    factors = rng.normal(size=(1200, 2))
    x = np.tanh(factors @ rng.normal(size=(2, 8))).astype("float32")

    model = VariationalAutoencoder(8)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=5e-3))
    model.fit(x[:1024], batch_size=64, epochs=15, verbose=2)
    print(f"test negative ELBO {model.evaluate(x[1024:], batch_size=88, verbose=0):.1f}")


if __name__ == "__main__":
    main()
