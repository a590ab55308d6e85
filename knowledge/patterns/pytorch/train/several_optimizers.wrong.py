"""AdamW for everything, with an embedding whose gradient is sparse."""

import torch
from torch import nn

embedding = nn.Embedding(1000, 4, sparse=True)
optimizer = torch.optim.AdamW(embedding.parameters())  # wrong: SparseAdam, or sparse=False
embedding(torch.tensor([1, 2])).sum().backward()
optimizer.step()
