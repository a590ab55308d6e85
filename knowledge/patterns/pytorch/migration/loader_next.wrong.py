"""Wrong: the method that the loader's iterator once had."""

import torch
from torch.utils.data import DataLoader

batch = iter(DataLoader(torch.arange(6), batch_size=2)).next()
