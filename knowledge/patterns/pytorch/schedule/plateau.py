# /// pattern
# id = "pt.schedule.plateau"
# topic = "train.schedule"
# role = "schedule"
# provides = "plateau"
# entry = "build_schedule"
# twin = "tf.schedule.plateau"
# questions = [
#   "reduce learning rate on plateau pytorch",
#   "lower the lr when validation loss stops improving",
#   "ReduceLROnPlateau step needs metrics",
#   "adaptive schedule by validation loss torch",
#   "scheduler.step(val_loss)",
#   "reduce lr on platau pytorch",
# ]
# errors = ["TypeError: ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'"]
# apis = ["torch.optim.lr_scheduler.ReduceLROnPlateau"]
# why = """The only schedule that looks at the result: it halves the rate when the validation loss has stopped falling,
# and so needs no length of training beforehand."""
# pitfalls = "Its patience must be shorter than early stopping's, or training stops before the rate is ever lowered."
# when_not = "Noisy or tiny validation sets: it reacts to luck; use cosine."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: missing 1 required positional argument: 'metrics'"
# ///
"""Half the learning rate whenever the validation loss stops falling."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau


def build_schedule(optimizer: Optimizer, *, epochs: int) -> LRScheduler:
    """Halve the rate after a tenth of the epochs (at least two) without improvement. Step it with the loss:
    `schedule.step(val_loss)`."""
    return ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=max(2, epochs // 10))


if __name__ == "__main__":
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = build_schedule(optimizer, epochs=20)
    rates = []
    for val_loss in [1.0, 0.8, 0.7, 0.7, 0.7, 0.7, 0.6]:
        optimizer.step()  # the epoch's training stands here
        schedule.step(val_loss)
        rates.append(schedule.get_last_lr()[0])
    assert rates == [0.1] * 5 + [0.05] * 2  # two epochs without progress are forgiven, the third halves the rate
    print(rates)
