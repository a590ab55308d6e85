"""A smaller model because training is slow, without a look at what it waits for."""

import time

import torch
from torch import nn


def seconds_of_epoch(model: nn.Module) -> float:
    """Ten batches, each 20 ms in the making."""
    start = time.perf_counter()
    for _ in range(10):
        time.sleep(0.02)  # reading and decoding
        model(torch.ones(8, 16)).sum().backward()
    return time.perf_counter() - start


large = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 2))
small = nn.Linear(16, 2)
seconds_of_epoch(large)  # warmed up
before, after = seconds_of_epoch(large), seconds_of_epoch(small)  # wrong: measure the waiting first
assert after < 0.5 * before, f"a smaller model: {before:.2f} s -> {after:.2f} s, of which 0.20 s are waiting for data"
