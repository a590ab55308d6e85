"""Wrong: a layer that forward does not use. DDP waits for its gradient, and the second step raises."""

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.testing._internal.distributed.fake_pg import FakeStore  # private; makes "fake" known


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.auxiliary_head = nn.Linear(4, 1), nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x)  # wrong: auxiliary_head takes no part in the loss


dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=1)
model = DistributedDataParallel(Network())
for _ in range(2):
    model(torch.ones(3, 4)).sum().backward()
