# /// pattern
# id = "pt.schedule.step"
# topic = "train.schedule"
# role = "schedule"
# provides = "step"
# entry = "build_schedule"
# twin = "tf.schedule.step"
# questions = [
#   "StepLR pytorch",
#   "divide the learning rate by 10 every few epochs",
#   "step decay schedule torch",
#   "MultiStepLR milestones",
#   "print the current learning rate, verbose does not work",
#   "step lr schedual pytorch",
# ]
# errors = ["TypeError: StepLR.__init__() got an unexpected keyword argument 'verbose'"]
# apis = ["torch.optim.lr_scheduler.StepLR", "torch.optim.lr_scheduler.LRScheduler.get_last_lr"]
# why = """The classic recipe for SGD: train at one rate until progress stops, then at a tenth of it. Three equal parts
# need no tuning and cover two orders of magnitude."""
# pitfalls = "verbose= is gone: read schedule.get_last_lr()."
# when_not = "Nothing is known of the task: cosine has no steps to place."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: got an unexpected keyword argument 'verbose'"
# ///
"""A tenth of the learning rate after each third of the training."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, StepLR


def build_schedule(optimizer: Optimizer, *, epochs: int) -> LRScheduler:
    """Divide the rate by 10 after one third and after two thirds of the epochs. Step it after each epoch."""
    return StepLR(optimizer, step_size=max(1, -(-epochs // 3)), gamma=0.1)


if __name__ == "__main__":
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = build_schedule(optimizer, epochs=9)
    rates = []
    for _ in range(9):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()  # the epoch's training stands here
        schedule.step()
    assert torch.allclose(torch.tensor(rates), torch.tensor([0.1] * 3 + [0.01] * 3 + [0.001] * 3))
    print([round(rate, 4) for rate in rates])
