"""Wrong: the vectors are written into a copy; the embedding keeps its random rows."""

import torch
from torch import nn

torch.manual_seed(0)
embedding, vectors = nn.Embedding(5, 3), torch.ones(5, 3)
embedding.state_dict()["weight"] = vectors  # wrong: nn.Embedding.from_pretrained(vectors), or load_state_dict
assert embedding.weight.equal(vectors), f"the embedding did not change: {embedding.weight[0].tolist()}"
