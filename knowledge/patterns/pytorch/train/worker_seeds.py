# /// pattern
# id = "pt.train.worker-seeds"
# topic = "train.reproducibility"
# questions = [
#   "reproducible DataLoader with num_workers",
#   "every dataloader worker gives the same random numbers",
#   "worker_init_fn seed numpy generator",
#   "random augmentation is identical in all workers",
#   "results change with the number of workers pytorch",
#   "torch.initial_seed in a worker, generator argument of DataLoader",
#   "dataloder worker seed random augmentation duplicate",
# ]
# apis = ["torch.utils.data.DataLoader", "torch.initial_seed", "torch.utils.data.get_worker_info", "torch.Generator"]
# replaces = ["worker_init_fn=lambda i: np.random.seed(42 + i)", "np.random.seed in __getitem__"]
# why = """Each worker is a copy of the process. PyTorch seeds torch, random and NumPy's global generator in each one
# anew; a Generator that the dataset holds is copied with its state, so all workers draw the same. worker_init_fn gives
# each its own, from torch.initial_seed(), which differs by worker and epoch and follows from the loader's generator."""
# pitfalls = """With persistent_workers the function runs once for all epochs. The numbers still depend on num_workers:
# derive them from the index of the sample where that matters."""
# when_not = "The dataset draws by torch.rand and the like alone: a seeded generator for the loader is enough."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the workers drew the same numbers"
# ///
"""A dataset with a random generator of its own, read by several workers: different numbers, the same in each run."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info


class NoisySignals(Dataset[torch.Tensor]):
    """Signals (L,) with noise that is drawn anew at every reading."""

    def __init__(self, signals: torch.Tensor) -> None:
        self.signals = signals  # (N, L)
        self.rng = np.random.default_rng(0)

    def __len__(self) -> int:
        return len(self.signals)

    def __getitem__(self, index: int) -> torch.Tensor:
        noise = self.rng.normal(size=self.signals.shape[1])
        return self.signals[index] + torch.from_numpy(noise).float()


def seed_worker(_worker: int) -> None:
    """A generator of its own for this worker's copy of the dataset."""
    get_worker_info().dataset.rng = np.random.default_rng(torch.initial_seed())


def make_loader(dataset: Dataset[torch.Tensor], *, seed: int, workers: int) -> DataLoader[torch.Tensor]:
    """Batches of 4 in an order, and with noise, that follow from seed and the number of workers."""
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(
        dataset, batch_size=4, shuffle=True, num_workers=workers, worker_init_fn=seed_worker, generator=generator
    )


if __name__ == "__main__":
    dataset = NoisySignals(torch.zeros(16, 3))

    def two_epochs(seed: int) -> list[torch.Tensor]:
        loader = make_loader(dataset, seed=seed, workers=2)
        return [torch.cat(list(loader)) for _ in range(2)]  # 16 samples of noise, (16, 3)

    first, second = two_epochs(seed=1)
    again = two_epochs(seed=1)
    assert torch.equal(first, again[0]) and torch.equal(second, again[1])  # the same in each run
    assert len(torch.cat([first, second]).unique(dim=0)) == 32  # no number twice, over workers and epochs
    assert not torch.equal(first, two_epochs(seed=2)[0])
    print("32 samples of noise, all different, and the same in the second run")
