"""Four times the batch size, the same rate, the same epochs: a quarter of the steps, each as short as before."""

import torch
from torch import nn


def loss_after_training(batch_size: int, rate: float) -> float:
    torch.manual_seed(0)
    x = torch.randn(1024, 10)
    y = x.sum(dim=1, keepdim=True)
    model = nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for some_x, some_y in zip(x.split(batch_size), y.split(batch_size), strict=True):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(some_x), some_y)
        loss.backward()
        optimizer.step()
    return loss.item()


before, after = loss_after_training(16, 0.01), loss_after_training(64, 0.01)  # wrong: 0.04
assert after < 2 * before, f"four times the batch at the old rate: loss {before:.2f} -> {after:.2f}"
