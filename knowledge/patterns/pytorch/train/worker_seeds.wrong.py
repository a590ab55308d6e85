"""The dataset's generator goes to both workers in the same state, and is not given a seed of its own there."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class Noise(Dataset[torch.Tensor]):
    """Sixteen draws of noise (3,)."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def __len__(self) -> int:
        return 16

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(self.rng.normal(size=3))


if __name__ == "__main__":
    loader = DataLoader(Noise(), batch_size=4, num_workers=2)  # wrong: worker_init_fn is missing
    different = len(torch.cat(list(loader)).unique(dim=0))
    assert different == 16, f"the workers drew the same numbers: {different} different samples of 16"
