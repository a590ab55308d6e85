"""Wrong: the teacher is a part of the model that is trained, and is not frozen."""

import keras
import numpy as np


class Distiller(keras.Model):
    """Answers of a teacher and of a student to the same samples, compared."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):  # noqa: ARG002
        return keras.ops.mean(keras.losses.kl_divergence(*y_pred))  # wrong: stop_gradient(y_pred[0])


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(4,))
    teacher, student = keras.layers.Dense(3, "softmax"), keras.layers.Dense(3, "softmax")
    distiller = Distiller(inputs, [teacher(inputs), student(inputs)])
    before = teacher.get_weights()[0].copy()
    distiller.compile(optimizer="adam", jit_compile=False)
    distiller.fit(np.random.default_rng(0).normal(size=(64, 4)), verbose=0)
    assert np.array_equal(before, teacher.get_weights()[0]), "the teacher was trained as well"
