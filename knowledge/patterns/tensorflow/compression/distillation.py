# /// pattern
# id = "tf.compression.distillation"
# topic = "compression.distillation"
# twin = "pt.compression.distillation"
# questions = [
#   "knowledge distillation keras",
#   "Distiller class keras 3 compute_loss",
#   "train a small student model from a large teacher tensorflow",
#   "keras teacher student temperature alpha",
#   "soft labels from another keras model",
#   "knowlege distilation kears",
# ]
# errors = ["TypeError: Distiller.compute_loss() takes from 1 to 4 positional arguments but 5 were given"]
# apis = ["keras.Model.compute_loss", "keras.ops.stop_gradient", "keras.Layer.trainable"]
# replaces = ["a Distiller with its own train_step", "self.compiled_loss", "self.compiled_metrics"]
# why = """A model that holds teacher and student, and one method, compute_loss: fit, metrics, callbacks and mixed
# precision go on as usual, where the old examples write a whole train_step. The teacher's softened answers teach from
# unlabelled samples, too."""
# pitfalls = """Freeze the teacher before compile, and call it with training=False. The factor T² keeps the soft part's
# weight as T changes. Save the student alone: distiller.student.save(...)."""
# when_not = "Labels are plenty and the student is large enough: train it on them."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the teacher was trained as well"
# ///
"""Knowledge distillation (Hinton et al., arXiv 1503.02531) in Keras 3, through compute_loss alone."""

import warnings

import keras
import numpy as np
from keras import ops
from sklearn.datasets import load_digits


class Distiller(keras.Model):
    """Trains a student on labels and on a teacher's soft answers; a label of -1 means that there is none."""

    def __init__(self, student: keras.Model, teacher: keras.Model, *, temperature: float, alpha: float) -> None:
        super().__init__()
        teacher.trainable = False
        self.student, self.teacher, self.temperature, self.alpha = student, teacher, temperature, alpha

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        return self.student(x, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):  # noqa: ARG002
        known = ops.cast(y >= 0, "float32")  # (B,)
        hard = ops.sparse_categorical_crossentropy(ops.maximum(y, 0), y_pred, from_logits=True)
        hard = ops.sum(hard * known) / ops.maximum(ops.sum(known), 1.0)
        answers = ops.stop_gradient(self.teacher(x, training=False))  # (B, K) logits
        soft = ops.mean(
            keras.losses.kl_divergence(ops.softmax(answers / self.temperature), ops.softmax(y_pred / self.temperature))
        )
        return self.alpha * self.temperature**2 * soft + (1 - self.alpha) * hard


def mlp(width: int) -> keras.Model:
    """Digits (B, 64) to logits (B, 10), compiled for training on labels."""
    layers = [keras.layers.Dense(width, "relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape=(64,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"], jit_compile=False)
    return model


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    digits = load_digits()
    x, y = (digits.data / 16).astype("float32"), digits.target
    teacher = mlp(128)
    teacher.fit(x[:1400], y[:1400], epochs=8, batch_size=64, verbose=0)

    few = np.where(np.arange(1400) < 30, y[:1400], -1)  # the student's own labels: 30 of 1400
    alone, student = mlp(8), mlp(8)
    student.set_weights(alone.get_weights())  # both begin alike
    alone.fit(x[:30], y[:30], epochs=150, batch_size=30, verbose=0)
    before = teacher.get_weights()
    distiller = Distiller(student, teacher, temperature=3.0, alpha=0.9)
    distiller.compile(optimizer=keras.optimizers.Adam(0.01), jit_compile=False)
    distiller.fit(x[:1400], few, epochs=15, batch_size=64, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, teacher.get_weights(), strict=True))

    scores = [model.evaluate(x[1400:], y[1400:], verbose=0)[1] for model in (teacher, alone, student)]
    print(f"teacher {scores[0]:.2f} with {teacher.count_params()} parameters; student with", student.count_params())
    print(f"student on 30 labels {scores[1]:.2f}, with the teacher's answers {scores[2]:.2f}")
    assert scores[2] > scores[1] + 0.1
