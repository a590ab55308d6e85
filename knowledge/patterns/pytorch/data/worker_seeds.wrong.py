"""Wrong: a NumPy generator made in __init__. Each worker gets a copy of it, with the same state."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class NoisySamples(Dataset[torch.Tensor]):
    """Zeros under noise."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.tensor(self.rng.normal())


if __name__ == "__main__":
    first_worker, second_worker = DataLoader(NoisySamples(), batch_size=4, num_workers=2)
    assert not first_worker.equal(second_worker), f"2 workers drew the same numbers: {first_worker.tolist()}"
