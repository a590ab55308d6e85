"""A copy of the embedding in the output layer: equal at first, two parameters after one step."""

import torch
from torch import nn

torch.manual_seed(0)
embedding = nn.Embedding(50, 16)
head = nn.Linear(16, 50, bias=False)
head.weight = nn.Parameter(embedding.weight.clone())  # wrong: head.weight = embedding.weight
optimizer = torch.optim.Adam([*embedding.parameters(), *head.parameters()], lr=0.01)
ids = torch.randint(0, 50, (64,))
nn.functional.cross_entropy(head(embedding(ids)), ids.roll(1)).backward()
optimizer.step()
assert torch.equal(head.weight, embedding.weight), "the weights went separate ways after the first step"
