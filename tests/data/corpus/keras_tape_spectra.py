"""Classify noisy spectra with a hand-written TensorFlow loop.

Each step sums the gradients of two half batches; an exponential average of the weights is what is evaluated.
Progress goes to TensorBoard, and a checkpoint of everything that moves lets an interrupted run continue.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SEED = 21
POINTS = 64
CLASSES = 5
MICRO_BATCHES = 2
BATCH_SIZE = 64
EPOCHS = 8
DECAY = 0.9


def make_spectra(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Spectra (N, 64, 1) of two peaks whose distance names the class (N,)."""
    labels = rng.integers(0, CLASSES, count)
    first = rng.uniform(6.0, 24.0, count)
    second = first + 6.0 + 6.0 * labels
    positions = np.arange(POINTS)
    peaks = [np.exp(-(((positions - centre[:, None]) / 2.0) ** 2)) for centre in (first, second)]
    spectra = peaks[0] + peaks[1] + rng.normal(0.0, 0.1, (count, POINTS))
    return spectra[..., None].astype("float32"), labels.astype("int32")


def add_noise(spectrum: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return spectrum + tf.random.normal(tf.shape(spectrum), stddev=0.05), label


def build_model() -> keras.Model:
    inputs = keras.Input((POINTS, 1))
    x = inputs
    for filters in (16, 32):
        x = layers.Conv1D(filters, 7, strides=2, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
    x = layers.Dropout(0.1)(layers.Flatten()(x))
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(CLASSES)(x), name="spectra")


class Trainer:
    def __init__(self, model: keras.Model, steps: int):
        self.model = model
        self.averaged = keras.models.clone_model(model)
        self.averaged.set_weights(model.get_weights())
        schedule = keras.optimizers.schedules.CosineDecay(0.0, steps, warmup_target=3e-3, warmup_steps=steps // 10)
        self.optimizer = keras.optimizers.Adam(schedule)
        self.optimizer.build(model.trainable_variables)
        self.loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.train_loss = keras.metrics.Mean()

    def train_step(self, spectra: tf.Tensor, labels: tf.Tensor) -> None:
        variables = self.model.trainable_variables
        gradients = [tf.zeros_like(variable) for variable in variables]
        for part, part_labels in zip(tf.split(spectra, MICRO_BATCHES), tf.split(labels, MICRO_BATCHES), strict=True):
            with tf.GradientTape() as tape:
                logits = self.model(part, training=True)
                loss = self.loss_function(part_labels, logits) / MICRO_BATCHES
            gradients = [total + new for total, new in zip(gradients, tape.gradient(loss, variables), strict=True)]
            self.train_loss.update_state(loss * MICRO_BATCHES)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        for average, weight in zip(self.averaged.weights, self.model.weights, strict=True):
            average.assign(DECAY * average + (1.0 - DECAY) * weight)

    def evaluate(self, dataset: tf.data.Dataset) -> float:
        """Accuracy of the averaged weights over the whole data set."""
        correct = count = 0
        for spectra, labels in dataset:
            logits = self.averaged(spectra, training=False)
            correct += int(tf.reduce_sum(tf.cast(tf.argmax(logits, axis=-1, output_type=tf.int32) == labels, tf.int32)))
            count += int(tf.shape(labels)[0])
        return correct / count


def main() -> None:
    keras.utils.set_random_seed(SEED)
    spectra, labels = make_spectra(2150, np.random.default_rng(SEED))
    train = tf.data.Dataset.from_tensor_slices((spectra[:1600], labels[:1600]))
    train = train.shuffle(1600, seed=SEED).map(add_noise).batch(BATCH_SIZE, drop_remainder=True)
    val = tf.data.Dataset.from_tensor_slices((spectra[1600:1850], labels[1600:1850])).batch(100)
    test = tf.data.Dataset.from_tensor_slices((spectra[1850:], labels[1850:])).batch(100)

    trainer = Trainer(build_model(), steps=EPOCHS * int(train.cardinality()))
    train_step = tf.function(trainer.train_step)
    epoch = tf.Variable(0, dtype=tf.int64)
    checkpoint = tf.train.Checkpoint(
        model=trainer.model, averaged=trainer.averaged, optimizer=trainer.optimizer, epoch=epoch
    )
    manager = tf.train.CheckpointManager(checkpoint, "checkpoints", max_to_keep=1)
    manager.restore_or_initialize()
    with tf.summary.create_file_writer("logs").as_default():
        while epoch < EPOCHS:
            trainer.train_loss.reset_state()
            for batch in train:
                train_step(*batch)
            accuracy = trainer.evaluate(val)
            epoch.assign_add(1)
            tf.summary.scalar("train/loss", trainer.train_loss.result(), step=epoch)
            tf.summary.scalar("val/accuracy", accuracy, step=epoch)
            manager.save()
            print(f"epoch {int(epoch)}: loss {float(trainer.train_loss.result()):.3f}, val accuracy {accuracy:.3f}")
    print(f"test accuracy {trainer.evaluate(test):.3f}")


if __name__ == "__main__":
    main()
