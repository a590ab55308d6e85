"""+= on a tensor that backward needs."""

import torch

x = torch.randn(3, requires_grad=True)
gate = x.sigmoid()
gate += 1  # wrong: gate = gate + 1
gate.sum().backward()
