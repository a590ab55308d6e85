"""Tag support tickets: several labels from a padded text and three numbers, trained by a `Trainer` class."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


@dataclass(frozen=True)
class Config:
    vocabulary: int = 60
    max_length: int = 14
    tags: int = 4
    width: int = 24
    batch_size: int = 40
    epochs: int = 6
    learning_rate: float = 1e-2
    seed: int = 11


def make_tickets(count: int, config: Config, rng: np.random.Generator):
    """Token ids (0 pads), raw numbers of different magnitude, and 0/1 tags that depend on both."""
    lengths = rng.integers(4, config.max_length + 1, size=count)
    tokens = rng.integers(1, config.vocabulary, size=(count, config.max_length))
    tokens[np.arange(config.max_length) >= lengths[:, None]] = 0
    numbers = rng.normal([40.0, 3.0, 500.0], [12.0, 1.0, 150.0], size=(count, 3))
    tags = [((tokens > 8 * k) & (tokens <= 8 * k + 8)).any(axis=1) for k in range(config.tags - 1)]
    tags.append(numbers[:, 0] / 12 - numbers[:, 2] / 150 > 0)
    return tokens.astype("int32"), numbers.astype("float32"), np.stack(tags, axis=1).astype("float32")


class Tagger(keras.Model):
    """Attention-pooled word embeddings, joined with the numbers; returns one logit for each tag."""

    def __init__(self, config: Config):
        super().__init__()
        self.embedding = layers.Embedding(config.vocabulary, config.width)
        self.score = layers.Dense(1)
        self.hidden = layers.Dense(2 * config.width, activation="relu")
        self.dropout = layers.Dropout(0.1)
        self.head = layers.Dense(config.tags)

    def call(self, inputs, training=None):
        tokens, numbers = inputs
        words = self.embedding(tokens)  # (batch, length, width)
        scores = ops.where(tokens == 0, -1e9, ops.squeeze(self.score(words), axis=-1))
        weights = ops.softmax(scores, axis=-1)
        text = ops.sum(words * weights[..., None], axis=1)  # (batch, width)
        x = self.hidden(ops.concatenate([text, numbers], axis=-1))
        return self.head(self.dropout(x, training=training))


class Trainer:
    def __init__(self, model: keras.Model, config: Config, steps_per_epoch: int):
        self.model, self.config = model, config
        total_steps = config.epochs * steps_per_epoch
        schedule = keras.optimizers.schedules.CosineDecay(config.learning_rate, total_steps, alpha=0.05)
        self.optimizer = keras.optimizers.Adam(schedule)
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
        self.train_loss, self.val_loss = keras.metrics.Mean(), keras.metrics.Mean()
        self.val_f1 = keras.metrics.F1Score(average="macro", threshold=0.5)
        self.writer = tf.summary.create_file_writer("runs/tagger")
        self.epoch = tf.Variable(0, dtype=tf.int64)
        checkpoint = tf.train.Checkpoint(model=model, optimizer=self.optimizer, epoch=self.epoch)
        self.manager = tf.train.CheckpointManager(checkpoint, "checkpoints", max_to_keep=2)

    @tf.function
    def train_step(self, inputs, tags):
        with tf.GradientTape() as tape:
            logits = self.model(inputs, training=True)
            loss = self.loss_fn(tags, logits)
        variables = self.model.trainable_variables
        gradients = tape.gradient(loss, variables)
        gradients, _ = tf.clip_by_global_norm(gradients, 5.0)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        self.train_loss.update_state(loss, sample_weight=tf.shape(tags)[0])

    @tf.function
    def eval_step(self, inputs, tags):
        logits = self.model(inputs, training=False)
        self.val_loss.update_state(self.loss_fn(tags, logits), sample_weight=tf.shape(tags)[0])
        self.val_f1.update_state(tags, tf.sigmoid(logits))

    def evaluate(self, dataset):
        self.val_loss.reset_state()
        self.val_f1.reset_state()
        for inputs, tags in dataset:
            self.eval_step(inputs, tags)
        return float(self.val_loss.result()), float(self.val_f1.result())

    def fit(self, train, val):
        with self.writer.as_default():
            for _ in range(self.config.epochs):
                self.train_loss.reset_state()
                for inputs, tags in train:
                    self.train_step(inputs, tags)
                self.epoch.assign_add(1)
                val_loss, val_f1 = self.evaluate(val)
                scalars = {"loss/train": float(self.train_loss.result()), "loss/val": val_loss, "f1/val": val_f1}
                for name, value in scalars.items():
                    tf.summary.scalar(name, value, step=self.epoch)
                self.manager.save()
                print(f"epoch {int(self.epoch)}:", {name: round(value, 3) for name, value in scalars.items()})
        self.writer.close()


def main():
    config = Config()
    keras.utils.set_random_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    tokens, numbers, tags = make_tickets(1500, config, rng)
    numbers = (numbers - numbers[:1000].mean(axis=0)) / numbers[:1000].std(axis=0)  # the training rows

    def load(start, stop):
        return tf.data.Dataset.from_tensor_slices(((tokens[start:stop], numbers[start:stop]), tags[start:stop]))

    train = load(0, 1000).shuffle(1000, seed=config.seed).batch(config.batch_size)
    val, test = load(1000, 1230).batch(config.batch_size), load(1230, 1500).batch(config.batch_size)
    trainer = Trainer(Tagger(config), config, steps_per_epoch=len(train))
    trainer.fit(train, val)
    print("test: loss {:.3f}, F1 {:.3f}".format(*trainer.evaluate(test)))


if __name__ == "__main__":
    main()
