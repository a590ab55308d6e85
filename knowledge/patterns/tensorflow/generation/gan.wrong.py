"""Wrong: the fakes for the generator's turn are made outside of its tape; there is no way back to its variables."""

import keras
import tensorflow as tf

generator = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
fake = generator(tf.random.normal((8, 4)))  # wrong: inside of the tape
with tf.GradientTape() as tape:
    loss = keras.losses.BinaryCrossentropy(from_logits=True)(tf.ones((8, 1)), discriminator(fake))
optimizer.apply_gradients(
    zip(tape.gradient(loss, generator.trainable_variables), generator.trainable_variables, strict=True)
)
