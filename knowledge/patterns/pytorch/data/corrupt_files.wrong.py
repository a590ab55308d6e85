"""None for a sample that cannot be read; the default collate function knows no None."""

import torch
from torch.utils.data import DataLoader, Dataset


class Samples(Dataset):
    """Ten samples, of which the fourth is broken."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> torch.Tensor | None:
        return None if index == 3 else torch.ones(2)  # wrong: find the broken ones before training


for _batch in DataLoader(Samples(), batch_size=5):
    pass
