"""The averaged model is used as it is: its BatchNorm layers hold statistics of other weights."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

torch.manual_seed(0)
features = 3 + 2 * torch.randn(512, 4)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
average = AveragedModel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(50):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(features), features[:, :1]).backward()
    optimizer.step()
    average.update_parameters(model)
averaged = average.module.eval()  # wrong: update_bn(loader, average) comes first
error = (averaged[1].running_mean - averaged[0](features).mean(dim=0)).abs().max().item()
assert error < 1e-3, f"BatchNorm's statistics are not those of the averaged weights: a mean is off by {error:.2f}"
