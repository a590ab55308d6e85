"""Prediction under no_grad, as usual in evaluation: there is no graph through which a gradient could go."""

import torch
from torch import nn

convolution, head = nn.Conv2d(3, 8, 3), nn.Linear(8, 2)
with torch.no_grad():  # wrong: Grad-CAM needs the graph
    features = convolution(torch.randn(1, 3, 16, 16))
    logits = head(features.mean(dim=(2, 3)))
torch.autograd.grad(logits[0, 0], features)
