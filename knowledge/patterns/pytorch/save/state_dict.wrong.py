"""The whole object is pickled: torch.load refuses what could run any code."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

with TemporaryDirectory() as folder:
    path = Path(folder) / "model.pt"
    torch.save(nn.Linear(4, 2), path)  # wrong: torch.save(model.state_dict(), path)
    torch.load(path)
