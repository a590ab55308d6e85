"""Wrong: strict=False, and no look at what it returned. None of the names matched."""

import torch
from torch import nn

torch.manual_seed(0)
trained, model = nn.Linear(4, 2), nn.Linear(4, 2)
checkpoint = nn.DataParallel(trained).state_dict()  # module.weight, module.bias
result = model.load_state_dict(checkpoint, strict=False)
assert model.weight.equal(trained.weight), f"nothing was loaded: {result}"
