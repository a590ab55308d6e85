"""Labels (N,) against indices (N, k) where N equals k: each index meets the label of another row."""

import torch

logits, labels = torch.eye(5) + torch.arange(5) / 100, torch.arange(5)  # the label is always the first choice
hits = logits.topk(5, dim=1).indices[:, :1] == labels  # wrong: labels[:, None]
assert hits.sum() == 5 and hits.shape == (5, 1), f"compared with the wrong rows: {tuple(hits.shape)} comparisons"
