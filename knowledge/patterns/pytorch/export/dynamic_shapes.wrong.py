"""Wrong: the batch is declared to vary, and the code holds a number in its place."""

import torch
from torch import nn
from torch.export import Dim, export


class Flat(nn.Module):
    """(B, 4, 4) to (B, 16), for the size of the example only."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(8, 16)  # wrong: x.flatten(start_dim=1)


export(Flat(), (torch.randn(8, 4, 4),), dynamic_shapes={"x": {0: Dim("batch")}})
