# /// pattern
# id = "pt.train.one-cycle"
# topic = "train.schedule"
# twin = "tf.train.one-cycle"
# questions = [
#   "OneCycleLR pytorch example",
#   "one cycle policy super-convergence",
#   "scheduler.step after each batch or each epoch",
#   "Tried to step 11 times. The total number of steps is 10",
#   "onecycle total_steps with gradient accumulation",
#   "max_lr and momentum cycling torch",
#   "one cicle learning rate schedule",
#   "learning rate never decreases with OneCycleLR",
# ]
# errors = ["ValueError: Tried to step 11 times. The total number of steps is 10"]
# apis = ["torch.optim.lr_scheduler.OneCycleLR"]
# replaces = ["fastai fit_one_cycle", "CyclicLR"]
# why = """The rate rises along a cosine for the first 30 % of all steps and falls far below its start in the rest,
# while momentum goes the other way. It is made for a given number of optimizer steps and is stepped once after each of
# them, not once an epoch."""
# pitfalls = """total_steps counts optimizer steps: with accumulation fewer than batches. It sets lr itself, so the
# optimizer's lr is ignored. A resumed training loads the scheduler's state_dict as well."""
# when_not = "The number of steps is not known in advance: a plateau schedule or a constant rate."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: Tried to step 11 times"
# ///
"""The one-cycle policy (Smith & Topin, arXiv 1708.07120), stepped after every batch."""

import math

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset


def train(model: nn.Module, loader: DataLoader, *, epochs: int, max_rate: float) -> list[dict[str, float]]:
    """Train in place; loss, rate and momentum of each step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=max_rate, momentum=0.9)
    scheduler = OneCycleLR(optimizer, max_lr=max_rate, total_steps=epochs * len(loader))
    history = []
    for _ in range(epochs):
        for features, targets in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(features), targets)
            loss.backward()
            optimizer.step()
            group = optimizer.param_groups[0]
            history.append({"loss": loss.item(), "rate": group["lr"], "momentum": group["momentum"]})
            if len(history) < epochs * len(loader):  # the last rate is used; there is none after it
                scheduler.step()
    return history


if __name__ == "__main__":
    torch.manual_seed(0)
    features = torch.randn(320, 4)
    loader = DataLoader(TensorDataset(features, features[:, :1].sin()), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1))
    history = train(model, loader, epochs=10, max_rate=0.2)
    rates = [step["rate"] for step in history]
    assert len(rates) == 100
    assert abs(rates[0] - 0.2 / 25) < 1e-9 and abs(rates[29] - 0.2) < 1e-9
    assert abs(rates[-1] - 0.2 / 25 / 1e4) < 1e-9

    def cosine(start: float, end: float, part: float) -> float:
        return end + (start - end) * (1 + math.cos(math.pi * part)) / 2

    for step, rate in enumerate(rates):
        lowest = 0.2 / 25
        expected = cosine(lowest, 0.2, step / 29) if step <= 29 else cosine(0.2, lowest / 1e4, (step - 29) / 70)
        assert abs(rate - expected) < 1e-6, (step, rate, expected)
    assert min(step["momentum"] for step in history) == history[29]["momentum"] == 0.85
    first, last = (sum(step["loss"] for step in part) / 10 for part in (history[:10], history[-10:]))
    assert last < 0.5 * first
    print(f"loss {first:.3f} -> {last:.3f}")
