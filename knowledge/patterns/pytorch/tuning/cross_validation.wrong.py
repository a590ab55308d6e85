"""Wrong: one model for all folds. What it is tested on in the later folds, it was trained on in the earlier ones."""

import numpy as np
import torch
from sklearn.model_selection import KFold
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(100, 50), torch.randint(2, (100,))  # tossed coins
model = nn.Sequential(nn.Linear(50, 64), nn.ReLU(), nn.Linear(64, 2))  # wrong: it belongs into the loop
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scores = []
for train, test in KFold(5).split(x):
    for _ in range(50):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[train]), y[train]).backward()
        optimizer.step()
    scores.append((model(x[test]).argmax(dim=1) == y[test]).float().mean().item())
assert np.mean(scores) < 0.7, f"coin tosses were predicted with accuracy {np.mean(scores):.2f}: {scores}"
