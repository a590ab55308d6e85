"""Wrong: a pruned layer's state saved before prune.remove, and loaded into an ordinary layer."""

from torch import nn
from torch.nn.utils import prune

layer = nn.Linear(4, 2)
prune.l1_unstructured(layer, "weight", amount=0.5)
nn.Linear(4, 2).load_state_dict(layer.state_dict())  # wrong: prune.remove(layer, "weight") is missing
