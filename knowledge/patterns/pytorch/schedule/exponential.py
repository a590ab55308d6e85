# /// pattern
# id = "pt.schedule.exponential"
# topic = "train.schedule"
# role = "schedule"
# provides = "exponential"
# entry = "build_schedule"
# twin = "tf.schedule.exponential"
# questions = [
#   "ExponentialLR pytorch",
#   "exponential decay of the learning rate",
#   "which gamma for ExponentialLR",
#   "decay lr by a factor every epoch torch",
#   "smooth learning rate decay",
#   "exponental lr decay pytorch",
# ]
# apis = ["torch.optim.lr_scheduler.ExponentialLR"]
# why = """A fixed gamma such as 0.9 is too fast for 200 epochs (the rate is gone after 50) and too slow for 5. Chosen
# so that the run ends at a hundredth of the first rate, one setting serves any length."""
# pitfalls = "Stepped per batch instead of per epoch, the same gamma ends the training in the first epoch."
# when_not = "Transformers from scratch: use cosine with warm-up."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Exponential decay of the learning rate to a hundredth over the training."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler


def build_schedule(optimizer: Optimizer, *, epochs: int) -> LRScheduler:
    """The same factor each epoch, a hundredth in all after the last one. Step it after each epoch."""
    return ExponentialLR(optimizer, gamma=0.01 ** (1 / epochs))


if __name__ == "__main__":
    import torch

    for epochs in (5, 200):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        schedule = build_schedule(optimizer, epochs=epochs)
        for _ in range(epochs):
            optimizer.step()  # the epoch's training stands here
            schedule.step()
        assert abs(schedule.get_last_lr()[0] - 0.001) < 1e-9
        print(f"{epochs} epochs: gamma {schedule.gamma:.4f}")
