"""Wrong: shuffle=True, and set_epoch never called."""

import torch
from torch.utils.data import DataLoader, DistributedSampler

dataset = torch.arange(100)
sampler = DistributedSampler(dataset, num_replicas=2, rank=0, shuffle=True)
loader = DataLoader(dataset, batch_size=10, sampler=sampler)
orders = []
for _epoch in range(2):  # wrong: sampler.set_epoch(epoch) is missing
    orders.append(torch.cat(list(loader)).tolist())
assert orders[0] != orders[1], f"rank 0 read the same order in both epochs: {orders[0][:5]}..."
