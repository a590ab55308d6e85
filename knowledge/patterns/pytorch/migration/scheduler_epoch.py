# /// pattern
# id = "pt.migration.scheduler-epoch"
# topic = "migration.schedules"
# questions = [
#   "scheduler.step(epoch) deprecated",
#   "epoch parameter in scheduler.step was not necessary",
#   "resume a learning rate schedule at epoch 10",
#   "set scheduler to a given epoch pytorch",
#   "EPOCH_DEPRECATION_WARNING",
#   "schedular step with epoch argment",
# ]
# errors = [
#   "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible.",
# ]
# apis = ["torch.optim.lr_scheduler.LRScheduler.step", "torch.optim.lr_scheduler.LRScheduler.state_dict"]
# replaces = ["scheduler.step(epoch)", "last_epoch="]
# why = """A scheduler counts for itself: step() once an epoch, after the optimizer's steps. To resume, load its
# state_dict; then the rates equal those of the run that was never stopped."""
# pitfalls = "ReduceLROnPlateau takes the metric, not an epoch."
# when_not = "CosineAnnealingWarmRestarts takes a fractional epoch inside an epoch, and may."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: The epoch parameter in `scheduler.step()` was not necessary"
# ///
"""Schedules that count their own epochs, and go on after a restart."""

import torch
from torch.optim.lr_scheduler import LRScheduler, MultiStepLR


def build() -> tuple[torch.optim.Optimizer, LRScheduler]:
    """SGD at 0.1, a tenth of it after epochs 2 and 4."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    return optimizer, MultiStepLR(optimizer, milestones=[2, 4], gamma=0.1)


def run(optimizer: torch.optim.Optimizer, scheduler: LRScheduler, epochs: int) -> list[float]:
    """The learning rate of each epoch."""
    rates = []
    for _ in range(epochs):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()  # all batches of the epoch
        scheduler.step()  # no epoch number
    return rates


if __name__ == "__main__":
    expected = [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]
    torch.testing.assert_close(run(*build(), epochs=6), expected)

    optimizer, scheduler = build()
    first = run(optimizer, scheduler, epochs=3)
    saved = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    optimizer, scheduler = build()  # another process
    optimizer.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    torch.testing.assert_close(first + run(optimizer, scheduler, epochs=3), expected)
    print(f"resumed after epoch 3: {expected}")
