# /// pattern
# id = "pt.tuning.learning-rate-finder"
# topic = "tune.learning-rate"
# twin = "tf.tuning.learning-rate-finder"
# questions = [
#   "learning rate finder pytorch",
#   "lr range test torch",
#   "how do I choose the learning rate",
#   "find a good lr before training",
#   "torch-lr-finder or fastai lr_find in plain pytorch",
#   "loss does not go down or explodes, is the learning rate too high",
#   "lr_find pytroch",
# ]
# apis = ["torch.optim.lr_scheduler.ExponentialLR", "copy.deepcopy"]
# replaces = ["torch_lr_finder.LRFinder", "fastai lr_find", "pytorch_lightning lr_find"]
# why = """The rate grows by the same factor from batch to batch until the loss explodes; a tenth of the rate with the
# lowest smoothed loss is a good start: one short run instead of many trainings. It works on copies, so that neither the
# weights nor the optimizer's state are spoilt."""
# pitfalls = """The rate belongs to this optimizer, batch size and model. Weight decay, warm-up and a schedule are not
# in the test: the rate found is the highest of the schedule."""
# when_not = "A published recipe for the same model says the rate; a last fine choice is a search over a log scale."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the rate with the lowest loss is too high"
# ///
"""Learning-rate range test (Smith, arXiv 1506.01186)."""

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import torch
from torch import nn

Batch = tuple[torch.Tensor, torch.Tensor]


def endless(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The batches of a loader or a list, again and again."""
    while True:
        yield from batches


def find_learning_rate(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    criterion: nn.Module,
    make_optimizer: Callable[[Iterable[nn.Parameter], float], torch.optim.Optimizer],
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 100,
) -> float:
    """A tenth of the rate at which the smoothed loss is lowest. The model is left as it was."""
    trial = copy.deepcopy(model).train()
    optimizer = make_optimizer(trial.parameters(), lowest)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=(highest / lowest) ** (1 / (steps - 1)))
    best_rate, best_loss, smoothed = lowest, math.inf, None
    for inputs, targets in islice(endless(batches), steps):
        rate = schedule.get_last_lr()[0]
        optimizer.zero_grad()
        loss = criterion(trial(inputs), targets)
        smoothed = loss.item() if smoothed is None else 0.8 * smoothed + 0.2 * loss.item()
        if not math.isfinite(smoothed) or smoothed > 4 * best_loss:
            break
        if smoothed < best_loss:
            best_rate, best_loss = rate, smoothed
        loss.backward()
        optimizer.step()
        schedule.step()
    return best_rate / 10


def final_loss(model: nn.Module, batches: list[Batch], *, rate: float, epochs: int) -> float:
    """The loss over all batches after training a copy of the model with Adam."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for inputs, targets in batches * epochs:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()
    with torch.no_grad():
        return sum(nn.functional.mse_loss(model(inputs), targets).item() for inputs, targets in batches) / len(batches)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    x = torch.randn(640, 8)
    batches = list(zip(x.split(32), (x[:, :1] * x[:, 1:2]).split(32), strict=True))
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    rate = find_learning_rate(model, batches, criterion=nn.MSELoss(), make_optimizer=torch.optim.Adam)
    assert all(weight.equal(before[name]) for name, weight in model.state_dict().items())
    losses = {trial: final_loss(model, batches, rate=trial, epochs=5) for trial in (rate / 100, rate, rate * 100)}
    print("suggested", f"{rate:.1e}; losses after training:", {f"{r:.0e}": round(v, 3) for r, v in losses.items()})
    assert losses[rate] < 0.5 * losses[rate / 100] and losses[rate] < 0.5 * losses[rate * 100]
