# /// pattern
# id = "tf.schedule.step"
# topic = "train.schedule"
# role = "schedule"
# provides = "step"
# entry = "build_schedule"
# twin = "pt.schedule.step"
# questions = [
#     "step decay learning rate keras",
#     "divide the learning rate by 10 every n epochs",
#     "piecewise constant schedule tensorflow",
#     "StepLR equivalent in keras",
#     "LearningRateScheduler drop lr",
#     "stepwise lr decay kears",
# ]
# apis = ["keras.optimizers.schedules.ExponentialDecay"]
# replaces = ["tf.train.piecewise_constant", "tf.train.exponential_decay"]
# why = """ExponentialDecay with staircase=True is the step schedule; its decay_steps are optimizer steps, so epochs are
# multiplied by the batches per epoch."""
# pitfalls = "Smooth schedules (cosine) need no choice of the steps and are the better first try."
# when_not = "No idea yet where the steps should be: cosine needs no such choice."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A tenth of the learning rate after each third of the training."""

import keras
import numpy as np


def build_schedule(
    learning_rate: float, *, epochs: int, steps_per_epoch: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The rate at each optimizer step: constant within a third of the epochs, rounded up to whole epochs."""
    epochs_per_stair = -(-epochs // 3)
    return keras.optimizers.schedules.ExponentialDecay(
        learning_rate, decay_steps=epochs_per_stair * steps_per_epoch, decay_rate=0.1, staircase=True
    )


if __name__ == "__main__":
    schedule = build_schedule(0.1, epochs=9, steps_per_epoch=20)
    rates = np.array([float(schedule(step)) for step in range(180)])
    print("every 30 steps:", rates[::30])
    assert np.allclose(rates[:60], 0.1) and np.allclose(rates[60:120], 0.01) and np.allclose(rates[120:], 0.001)
