"""no_grad alone: dropout stays on, so the same samples get another score each time."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 3))
features = torch.randn(100, 4)
with torch.no_grad():  # wrong: model.eval() as well
    first, second = model(features), model(features)
differing = (first.argmax(dim=1) != second.argmax(dim=1)).sum().item()
assert torch.equal(first, second), f"dropout was active: {differing} of 100 predictions changed from call to call"
