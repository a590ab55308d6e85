"""No shuffling of data that is sorted by label: each step pulls the model towards the one class it sees."""

import torch
from torch.utils.data import DataLoader, TensorDataset

labels = torch.arange(3).repeat_interleave(32)  # sorted, as many files are
loader = DataLoader(TensorDataset(labels), batch_size=32)  # wrong: shuffle=True
classes = [len(batch.unique()) for (batch,) in loader]
assert min(classes) > 1, f"batches of a single class: classes per batch are {classes}"
