"""Wrong: features computed under inference_mode, and a head trained on them."""

import torch
from torch import nn

backbone, head = nn.Linear(4, 8), nn.Linear(8, 2)
with torch.inference_mode():  # wrong: torch.no_grad()
    features = backbone(torch.ones(3, 4))
head(features).sum().backward()
