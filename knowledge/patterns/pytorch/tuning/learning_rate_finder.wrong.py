"""Wrong: the rate at which the loss was lowest, taken as it is. It is the last one before the loss explodes."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
x = torch.randn(640, 8)
batches = list(zip(x.split(32), (x[:, :1] * x[:, 1:2]).split(32), strict=True))


def loss_at_end(rate: float) -> float:
    """The loss over all rows after five epochs of SGD with momentum."""
    trained = copy.deepcopy(model)
    optimizer = torch.optim.SGD(trained.parameters(), lr=rate, momentum=0.9)
    for inputs, targets in batches * 5:
        optimizer.zero_grad()
        nn.functional.mse_loss(trained(inputs), targets).backward()
        optimizer.step()
    return nn.functional.mse_loss(trained(x), x[:, :1] * x[:, 1:2]).item()


trial, losses = copy.deepcopy(model), {}
optimizer = torch.optim.SGD(trial.parameters(), lr=1e-5, momentum=0.9)
for step, (inputs, targets) in enumerate(batches * 5):
    optimizer.param_groups[0]["lr"] = rate = 1e-5 * 10 ** (6 * step / 100)
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(trial(inputs), targets)
    losses[rate] = loss.item()
    loss.backward()
    optimizer.step()
lowest = min(losses, key=losses.__getitem__)
at_lowest, at_tenth = loss_at_end(lowest), loss_at_end(lowest / 10)
assert at_lowest <= at_tenth, f"the rate with the lowest loss is too high: {at_lowest:.2f} instead of {at_tenth:.2f}"
