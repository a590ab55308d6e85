"""Cosines as logits, without a temperature: even perfect embeddings leave a high loss."""

import torch
from torch.nn import functional as F

embeddings = torch.eye(64)  # each is its own partner and at right angles to all others
logits = F.normalize(embeddings, dim=1) @ F.normalize(embeddings, dim=1).T  # wrong: / 0.1
loss = F.cross_entropy(logits, torch.arange(64)).item()
assert loss < 0.1, f"cosines are no logits: the loss of a perfect answer is {loss:.2f}"
