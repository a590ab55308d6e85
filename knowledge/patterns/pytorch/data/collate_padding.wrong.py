"""Wrong: samples of different lengths, joined by the loader's default."""

import torch
from torch.utils.data import DataLoader

sentences = [torch.tensor([5, 6, 7]), torch.tensor([8])]
batch = next(iter(DataLoader(sentences, batch_size=2)))
