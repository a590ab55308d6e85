"""Wrong: TorchScript, deprecated as a whole."""

import torch

model = torch.nn.Linear(4, 2)
traced = torch.jit.trace(model, torch.ones(1, 4))
