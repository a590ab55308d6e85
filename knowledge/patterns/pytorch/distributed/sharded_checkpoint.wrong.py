"""Wrong: a checkpoint written without naming its part, read by the part's name."""

import tempfile

import torch.distributed.checkpoint as dcp
from torch import nn

model = nn.Linear(4, 2)
with tempfile.TemporaryDirectory() as folder:
    dcp.save(model.state_dict(), checkpoint_id=folder, no_dist=True)  # keys weight, bias
    dcp.load({"model": model.state_dict()}, checkpoint_id=folder, no_dist=True)  # keys model.weight, model.bias
