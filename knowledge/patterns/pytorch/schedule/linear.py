# /// pattern
# id = "pt.schedule.linear"
# topic = "train.schedule"
# twin = "tf.schedule.linear"
# questions = [
#   "linear learning rate decay to zero pytorch",
#   "LinearLR learning rate goes up instead of down",
#   "linear warmup then linear decay torch",
#   "get_linear_schedule_with_warmup without transformers",
#   "LinearLR start_factor end_factor total_iters",
#   "lr schedule per epoch or per step",
#   "linear shedule pytorch",
# ]
# apis = ["torch.optim.lr_scheduler.LinearLR", "torch.optim.lr_scheduler.SequentialLR",
#   "torch.optim.lr_scheduler.LRScheduler"]
# replaces = ["transformers.get_linear_schedule_with_warmup", "torch.optim.lr_scheduler._LRScheduler",
#   "for g in optimizer.param_groups: g['lr'] = ..."]
# why = """LinearLR alone is a warm-up: from a third of the rate up to all of it in 5 calls. For a fall give
# start_factor 1, end_factor 0 and the number of calls of step() in the whole training; whether these are epochs or
# batches is decided by where step() stands. In the type of an argument write LRScheduler: _LRScheduler is
# the old name."""
# pitfalls = """start_factor may not be 0. After total_iters the rate stays at the end: 0 for ever, so training longer
# than planned learns nothing."""
# when_not = "How long the training lasts is not known: pt.schedule.plateau."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the rate rose"
# ///
"""The learning rate up in a straight line, then down to zero in another."""

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LinearLR, LRScheduler, SequentialLR


def linear_schedule(optimizer: Optimizer, *, steps: int, warmup: int = 0) -> LRScheduler:
    """The optimizer's rate after `warmup` calls of step(), and zero after `steps` of them."""
    down = LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=steps - warmup)
    if warmup == 0:
        return down
    up = LinearLR(optimizer, start_factor=1 / (warmup + 1), end_factor=1.0, total_iters=warmup)
    return SequentialLR(optimizer, [up, down], milestones=[warmup])


def rates_of(steps: int, warmup: int, *, rate: float) -> list[float]:
    """The rate of each optimizer step, and the one after the last."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    schedule = linear_schedule(optimizer, steps=steps, warmup=warmup)
    rates = []
    for _ in range(steps):  # batches here; epochs, if step() stands in the outer loop
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return [*rates, schedule.get_last_lr()[0]]


if __name__ == "__main__":
    falling = torch.tensor(rates_of(10, 0, rate=0.5))
    torch.testing.assert_close(falling, 0.5 * torch.linspace(1, 0, 11))

    warmed = torch.tensor(rates_of(10, 4, rate=0.5))
    torch.testing.assert_close(warmed[:5], 0.5 * torch.arange(1, 6) / 5)  # 1/5 of the rate at first, never 0
    torch.testing.assert_close(warmed[4:], 0.5 * torch.linspace(1, 0, 7))
    print([round(rate, 2) for rate in warmed.tolist()])

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    assert isinstance(schedule, LRScheduler)
