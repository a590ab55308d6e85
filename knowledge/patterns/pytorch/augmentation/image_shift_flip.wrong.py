"""Augmented once, when the dataset is made: every epoch shows the same altered images."""

import torch
from torch.utils.data import TensorDataset

torch.manual_seed(0)
images = torch.randn(8, 1, 4, 4)
mirrored = torch.rand(8) < 0.5
dataset = TensorDataset(torch.where(mirrored[:, None, None, None], images.flip(-1), images))  # wrong: drawn only here

epochs = [tuple(dataset[0][0].flatten().tolist()) for _ in range(20)]
assert len(set(epochs)) > 1, "the same image in every epoch"
