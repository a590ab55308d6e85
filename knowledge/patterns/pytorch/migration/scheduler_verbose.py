# /// pattern
# id = "pt.migration.scheduler-verbose"
# topic = "migration.schedules"
# questions = [
#   "unexpected keyword argument verbose in lr scheduler",
#   "ReduceLROnPlateau verbose=True error",
#   "print the learning rate when it changes pytorch",
#   "get_lr warning use get_last_lr",
#   "TypeError StepLR.__init__() got an unexpected keyword argument 'verbose'",
#   "schedular verbose argument removed",
# ]
# errors = [
#   "TypeError: ReduceLROnPlateau.__init__() got an unexpected keyword argument 'verbose'",
#   "TypeError: StepLR.__init__() got an unexpected keyword argument 'verbose'",
#   "UserWarning: To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
# ]
# apis = ["torch.optim.lr_scheduler.LRScheduler.get_last_lr", "torch.optim.lr_scheduler.ReduceLROnPlateau"]
# replaces = ["verbose=True", "scheduler.get_lr", "torch.optim.lr_scheduler._LRScheduler"]
# why = """Schedulers no longer print; they are asked. get_last_lr() gives the rate of each parameter group, for
# ReduceLROnPlateau too, and comparing two answers shows the moment of the change."""
# pitfalls = """get_lr() is for writing a scheduler; asked from outside it warns and, between two milestones, may give
# a rate that is never used."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: ReduceLROnPlateau.__init__() got an unexpected keyword argument 'verbose'"
# ///
"""Tell when a schedule lowers the learning rate, now that schedulers have no `verbose`."""

import torch
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau


def step_and_tell(scheduler: LRScheduler, epoch: int, *metrics: float) -> None:
    """Step the schedule (ReduceLROnPlateau with its metric) and print each change of the learning rate."""
    before = scheduler.get_last_lr()  # one value for each parameter group
    scheduler.step(*metrics)
    after = scheduler.get_last_lr()
    if after != before:
        print(f"epoch {epoch}: learning rate {before} -> {after}")


if __name__ == "__main__":
    import contextlib
    import io

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.4)
    scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for epoch, val_loss in enumerate([3.0, 2.0, 2.0, 2.0, 2.0]):  # no progress after epoch 1
            optimizer.step()
            step_and_tell(scheduler, epoch, val_loss)
    print(said.getvalue(), end="")
    assert said.getvalue() == "epoch 3: learning rate [0.4] -> [0.2]\n"
    assert optimizer.param_groups[0]["lr"] == 0.2
