"""Wrong: no_grad alone. Dropout draws anew at each pass, so the accuracy does too."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))
x, y = torch.randn(500, 8), torch.randint(0, 4, (500,))


@torch.no_grad()
def accuracy() -> float:
    return (model(x).argmax(dim=1) == y).float().mean().item()  # wrong: model.eval() first


results = {accuracy() for _ in range(5)}
assert len(results) == 1, f"the same model, the same data, and accuracies from {min(results):.3f} to {max(results):.3f}"
