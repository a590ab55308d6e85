"""Wrong: an option for workers, without workers."""

import torch
from torch.utils.data import DataLoader

loader = DataLoader(torch.arange(12), batch_size=4, prefetch_factor=4)  # wrong: num_workers is 0
