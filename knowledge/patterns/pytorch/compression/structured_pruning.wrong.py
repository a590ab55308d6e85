"""Wrong: ln_structured, and the hope that the layer gets smaller. It fills channels with zeros."""

from torch import nn
from torch.nn.utils import prune

layer = nn.Conv2d(8, 16, 3)
before = sum(parameter.numel() for parameter in layer.parameters())
prune.ln_structured(layer, "weight", amount=0.5, n=2, dim=0)
prune.remove(layer, "weight")
after = sum(parameter.numel() for parameter in layer.parameters())
assert after < before, f"half of the channels were pruned, and the layer still has {after} parameters"
