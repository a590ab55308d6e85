"""Tell which quadrant of a noisy image holds a texture, and which texture, with a small vision transformer.

The model owns its training step: clipped gradients, and metrics of its own.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

SEED = 3
IMAGE = 16
PATCH = 4
GRID = IMAGE // PATCH
CHANNELS = 2
CLASSES = 8  # four quadrants, two textures
WIDTH = 32
DEPTH = 1
BATCH_SIZE = 64
EPOCHS = 8


def make_images(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, 16, 16, 2) of noise with a 4x4 texture in one quadrant, and labels (N,) in 0..7."""
    images = rng.normal(0.0, 0.2, (count, IMAGE, IMAGE, CHANNELS))
    labels = rng.integers(0, CLASSES, count)
    stripes = np.tile([[2.0], [-2.0]], (2, 4))  # (4, 4), horizontal
    for image, label in zip(images, labels, strict=True):
        quadrant, texture = divmod(int(label), 2)
        row, column = (8 * (quadrant // 2) + 4 * rng.integers(2), 8 * (quadrant % 2) + 4 * rng.integers(2))
        image[row : row + 4, column : column + 4, rng.integers(CHANNELS)] += stripes if texture else stripes.T
    return images.astype("float32"), labels.astype("int32")


class PatchEmbedding(layers.Layer):
    """Images (B, H, W, C) to tokens (B, patches, width) with learned positions."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.projection = layers.Dense(width)
        self.positions = self.add_weight(
            shape=(GRID * GRID, width), initializer=keras.initializers.RandomNormal(stddev=0.3), name="positions"
        )

    def call(self, images):
        patches = ops.reshape(images, (-1, GRID, PATCH, GRID, PATCH, CHANNELS))
        patches = ops.transpose(patches, (0, 1, 3, 2, 4, 5))
        patches = ops.reshape(patches, (-1, GRID * GRID, PATCH * PATCH * CHANNELS))
        return self.projection(patches) + self.positions


class Block(layers.Layer):
    """Pre-norm attention and feed-forward, both residual."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.attention_norm = layers.LayerNormalization()
        self.attention = layers.MultiHeadAttention(num_heads=4, key_dim=width // 4)
        self.feed_forward_norm = layers.LayerNormalization()
        self.expand = layers.Dense(2 * width, activation="gelu")
        self.contract = layers.Dense(width)
        self.dropout = layers.Dropout(0.1)

    def call(self, tokens, training=None):
        normed = self.attention_norm(tokens)
        tokens = tokens + self.dropout(self.attention(normed, normed), training=training)
        normed = self.feed_forward_norm(tokens)
        return tokens + self.dropout(self.contract(self.expand(normed)), training=training)


class PatchTransformer(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.embedding = PatchEmbedding(WIDTH)
        self.blocks = [Block(WIDTH) for _ in range(DEPTH)]
        self.norm = layers.LayerNormalization()
        self.head = layers.Dense(CLASSES)
        self.loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")

    @property
    def metrics(self):
        return [self.loss_tracker, self.accuracy]

    def call(self, images, training=None):
        tokens = self.embedding(images)
        for block in self.blocks:
            tokens = block(tokens, training=training)
        return self.head(ops.mean(self.norm(tokens), axis=1))

    def record(self, labels, logits, loss):
        self.loss_tracker.update_state(loss, sample_weight=ops.shape(labels)[0])
        self.accuracy.update_state(labels, logits)
        return {metric.name: metric.result() for metric in self.metrics}

    def train_step(self, data):
        images, labels = data
        with tf.GradientTape() as tape:
            logits = self(images, training=True)
            loss = self.loss_function(labels, logits)
        gradients = tape.gradient(loss, self.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return self.record(labels, logits, loss)

    def test_step(self, data):
        images, labels = data
        logits = self(images, training=False)
        return self.record(labels, logits, self.loss_function(labels, logits))


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x_train, y_train = make_images(1600, rng)
    x_val, y_val = make_images(400, rng)
    x_test, y_test = make_images(400, rng)

    model = PatchTransformer()
    model.compile(optimizer=keras.optimizers.AdamW(learning_rate=4e-3, weight_decay=1e-4))
    model.fit(x_train, y_train, validation_data=(x_val, y_val), batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=2)

    scores = model.evaluate(x_test, y_test, batch_size=BATCH_SIZE, return_dict=True, verbose=0)
    print(f"test loss {scores['loss']:.3f}, test accuracy {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
