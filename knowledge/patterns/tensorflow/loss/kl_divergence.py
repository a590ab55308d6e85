# /// pattern
# id = "tf.loss.kl-divergence"
# topic = "loss.distribution"
# twin = "pt.loss.kl-divergence"
# questions = [
#     "kl divergence loss keras",
#     "keras.losses.KLDivergence with logits",
#     "distillation loss with temperature keras",
#     "kl divergence is 0 or huge tensorflow",
#     "argument order of KLDivergence keras",
#     "kl divergance two softmax outputs tf",
# ]
# apis = ["keras.losses.KLDivergence", "keras.ops.log_softmax", "keras.ops.stop_gradient"]
# replaces = ["keras.losses.kullback_leibler_divergence"]
# why = """KLDivergence takes probabilities, the target first, and clips them at 1e-7: logits are not refused but cut to
# [1e-7, 1]. From log_softmax the divergence is exact however sure either side is."""
# pitfalls = """Softened by a temperature T the gradients shrink by about 1/T²: multiply the loss by T², so that its
# weight against the labels' loss does not depend on T."""
# when_not = "A target that does not change: CategoricalCrossentropy with soft targets has the same gradient."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: opposite answers seem equal"
# ///
"""Kullback-Leibler divergence of a student from its teacher, from logits."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def distillation_loss(teacher: KerasTensor, student: KerasTensor, *, temperature: float = 2.0) -> KerasTensor:
    """KL(teacher || student) of the softened distributions, mean over the samples; logits (N, K) each."""
    log_p = ops.log_softmax(ops.stop_gradient(teacher) / temperature)
    log_q = ops.log_softmax(student / temperature)
    return ops.mean(ops.sum(ops.exp(log_p) * (log_p - log_q), axis=-1)) * temperature**2


if __name__ == "__main__":
    teacher, student = keras.random.normal((6, 4), seed=0), keras.random.normal((6, 4), seed=1)
    loss = distillation_loss(teacher, student, temperature=1.0)
    p, q = ops.softmax(teacher), ops.softmax(student)
    np.testing.assert_allclose(loss, keras.losses.KLDivergence()(p, q), rtol=1e-4)
    assert abs(float(distillation_loss(teacher, teacher))) < 1e-6

    def gradient_norm(temperature: float) -> float:
        with tf.GradientTape() as tape:
            tape.watch(student)
            loss = distillation_loss(teacher, student, temperature=temperature)
        return float(tf.norm(tape.gradient(loss, student)))

    assert abs(gradient_norm(50.0) / gradient_norm(100.0) - 1) < 0.05  # the factor T² keeps the gradients' size

    sure, opposite = tf.constant([[100.0, 0.0]]), tf.constant([[0.0, 100.0]])
    assert abs(float(distillation_loss(sure, opposite, temperature=1.0)) - 100) < 1e-3
    clipped = float(keras.losses.KLDivergence()(ops.softmax(sure), ops.softmax(opposite)))
    assert abs(clipped - -np.log(1e-7)) < 1e-3  # 16.1: probabilities are cut off
    print(float(loss))
