# /// pattern
# id = "tf.schedule.cosine"
# topic = "train.schedule"
# role = "schedule"
# provides = "cosine"
# entry = "build_schedule"
# twin = "pt.schedule.cosine"
# questions = [
#     "cosine learning rate schedule keras",
#     "warm up then cosine decay tensorflow",
#     "CosineDecay warmup_steps",
#     "anneal the lr in keras",
#     "learning rate warmup keras 3",
#     "cosine decay sheduler",
# ]
# errors = ["TypeError: This optimizer was created with a `LearningRateSchedule` object"]
# apis = ["keras.optimizers.schedules.CosineDecay"]
# replaces = ["tf.keras.experimental.CosineDecay", "tf.train.cosine_decay", "Adam(decay=)"]
# why = """A Keras schedule counts optimizer steps, not epochs: decay_steps is epochs times batches per epoch, less the
# warm-up. Given epochs alone the rate is zero after the first few batches, and training stops without a word."""
# pitfalls = "decay_steps does not include warmup_steps. A schedule cannot be combined with ReduceLROnPlateau."
# when_not = "The length of the training is not known beforehand, or it will be extended: ReduceLROnPlateau."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the learning rate is zero"
# ///
"""Linear warm-up over a tenth of the steps, then half a cosine down to zero (arXiv 1608.03983)."""

import keras
import numpy as np


def build_schedule(
    learning_rate: float, *, epochs: int, steps_per_epoch: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The rate at each optimizer step: 0 to learning_rate, then back to 0 at the last step."""
    total_steps = epochs * steps_per_epoch
    warmup_steps = max(1, total_steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=learning_rate,
        warmup_steps=warmup_steps,
        decay_steps=max(1, total_steps - warmup_steps),
    )


if __name__ == "__main__":
    schedule = build_schedule(0.1, epochs=10, steps_per_epoch=20)
    rates = np.array([float(schedule(step)) for step in range(201)])
    print("every 20 steps:", rates[::20].round(4))
    assert np.argmax(rates) == 20 and np.isclose(rates[20], 0.1)
    assert np.isclose(rates[110], 0.05, atol=1e-3) and np.isclose(rates[200], 0, atol=1e-6)
    assert (np.diff(rates[:20]) > 0).all() and (np.diff(rates[20:]) <= 0).all()
    assert float(build_schedule(0.1, epochs=1, steps_per_epoch=1)(1)) >= 0
