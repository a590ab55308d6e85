# /// pattern
# id = "pt.schedule.cosine"
# topic = "train.schedule"
# role = "schedule"
# provides = "cosine"
# entry = "build_schedule"
# twin = "tf.schedule.cosine"
# questions = [
#   "cosine learning rate schedule pytorch",
#   "warmup then cosine annealing",
#   "how do I anneal the learning rate",
#   "linear warm-up with SequentialLR",
#   "call scheduler.step before or after optimizer.step",
#   "lr scheduler torch per epoch",
#   "cosin lr schedual with warmup",
# ]
# errors = ["Detected call of `lr_scheduler.step()` before `optimizer.step()`"]
# apis = ["torch.optim.lr_scheduler.CosineAnnealingLR", "torch.optim.lr_scheduler.LinearLR",
#   "torch.optim.lr_scheduler.SequentialLR"]
# replaces = ["transformers.get_cosine_schedule_with_warmup", "torch.optim.lr_scheduler._LRScheduler"]
# why = """Large steps first, ever smaller ones at the end, where noise would keep the loss up. The warm-up lets Adam's
# averages and BatchNorm's statistics settle before the full rate."""
# pitfalls = "Step it once per epoch, after the optimiser: called first, it skips the first value and warns."
# when_not = "Training of unknown length: cosine must know where it ends; use plateau."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: Detected call of `lr_scheduler.step()` before `optimizer.step()`"
# ///
"""Cosine annealing of the learning rate after a short linear warm-up (arXiv 1608.03983)."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, LRScheduler, SequentialLR

WARMUP_FRACTION = 0.1


def build_schedule(optimizer: Optimizer, *, epochs: int) -> LRScheduler:
    """Rise during the first tenth of the epochs, then fall along half a cosine towards 0. Step it after each epoch."""
    warmup_epochs = round(WARMUP_FRACTION * epochs)
    cosine = CosineAnnealingLR(optimizer, T_max=epochs - warmup_epochs)
    if warmup_epochs == 0:
        return cosine
    warmup = LinearLR(optimizer, start_factor=1 / (warmup_epochs + 1), total_iters=warmup_epochs)
    return SequentialLR(optimizer, [warmup, cosine], milestones=[warmup_epochs])


if __name__ == "__main__":
    import torch

    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    schedule = build_schedule(optimizer, epochs=20)
    rates = []
    for _ in range(20):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()  # the epoch's training stands here
        schedule.step()
    assert rates[2] == max(rates) == 0.1 and rates[0] < rates[1] < rates[2]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert 0 < rates[-1] < 0.002

    for epochs in (1, 2, 5):  # short runs train too
        optimizer = torch.optim.SGD([parameter], lr=0.1)
        build_schedule(optimizer, epochs=epochs)
        assert optimizer.param_groups[0]["lr"] > 0
    print([round(rate, 4) for rate in rates])
