# /// pattern
# id = "tf.schedule.exponential"
# topic = "train.schedule"
# role = "schedule"
# provides = "exponential"
# entry = "build_schedule"
# twin = "pt.schedule.exponential"
# questions = [
#     "exponential learning rate decay keras",
#     "ExponentialDecay decay_steps decay_rate meaning",
#     "decay argument of adam removed",
#     "replace decay= in keras optimizer",
#     "exponetial lr schedule tensorflow",
# ]
# errors = ["Argument `decay` is no longer supported and will be ignored."]
# apis = ["keras.optimizers.schedules.ExponentialDecay"]
# replaces = ["Adam(decay=)", "SGD(decay=)", "tf.train.exponential_decay"]
# why = """The decay argument of the optimizers is ignored with a warning; a schedule takes its place. With decay_steps
# set to all steps, decay_rate is the share of the rate that is left at the end."""
# pitfalls = "A decay_rate per step instead of per decay_steps brings the rate to zero at once."
# when_not = "The length of the training is not known beforehand: ReduceLROnPlateau."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: Argument `decay` is no longer supported and will be ignored."
# ///
"""An exponential fall of the learning rate to one hundredth over the training."""

import keras
import numpy as np


def build_schedule(
    learning_rate: float, *, epochs: int, steps_per_epoch: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The rate at each optimizer step: learning_rate at first, learning_rate / 100 at the last step."""
    return keras.optimizers.schedules.ExponentialDecay(
        learning_rate, decay_steps=epochs * steps_per_epoch, decay_rate=0.01
    )


if __name__ == "__main__":
    schedule = build_schedule(0.1, epochs=10, steps_per_epoch=20)
    rates = np.array([float(schedule(step)) for step in range(0, 201, 20)])
    print(rates)
    assert np.isclose(rates[0], 0.1) and np.isclose(rates[-1], 0.001)
    assert np.allclose(rates[1:] / rates[:-1], rates[1] / rates[0], rtol=1e-4)
