"""The whole model once more beside the head: the head's parameters are in both groups."""

import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
head = model[2]
torch.optim.AdamW(
    [
        {"params": model.parameters(), "lr": 1e-4},  # wrong: the parameters without those of the head
        {"params": head.parameters(), "lr": 1e-3},
    ]
)
