"""An estimate from the weights alone; training with Adam holds four times as much, and the activations."""

import torch
from torch import nn

model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
estimate = 4 * sum(p.numel() for p in model.parameters())  # wrong: 16 bytes a parameter, and the activations
optimizer = torch.optim.Adam(model.parameters())
model(torch.randn(8, 64)).mean().backward()
optimizer.step()
moments = [value for kept in optimizer.state.values() for value in kept.values() if value.ndim > 0]
held = [*model.parameters(), *(p.grad for p in model.parameters()), *moments]
needed = sum(tensor.nbytes for tensor in held)
assert needed < 1.5 * estimate, f"the weights alone are 1/{needed / estimate:.0f} of what is held between two steps"
