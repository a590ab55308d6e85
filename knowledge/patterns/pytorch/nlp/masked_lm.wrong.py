"""Wrong: the whole text as labels; a model that copies its input is right nearly everywhere."""

import torch
from torch.nn import functional as F

torch.manual_seed(0)
ids = torch.randint(4, 1000, (64, 32))
shown = torch.where(torch.rand(ids.shape) < 0.15, 3, ids)  # 3 is MASK
labels = ids  # wrong: -100 where nothing was masked
copy = F.one_hot(shown, 1000) * 20.0  # logits of a model that says what it sees
loss = F.cross_entropy(copy.flatten(0, 1), labels.flatten(), ignore_index=-100).item()
assert loss > 10, f"copying is rewarded: its loss is {loss:.1f}, and on the masked words alone 20.0"
