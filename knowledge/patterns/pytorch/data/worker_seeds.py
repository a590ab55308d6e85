# /// pattern
# id = "pt.data.worker-seeds"
# topic = "data.workers"
# questions = [
#   "random augmentation is the same in every dataloader worker",
#   "numpy random identical across DataLoader workers",
#   "worker_init_fn seed example",
#   "reproducible DataLoader with num_workers",
#   "same random noise every epoch dataset",
#   "generator argument of DataLoader",
#   "seed_worker numpy random",
#   "worker_init_fn sead workers",
# ]
# apis = ["torch.utils.data.DataLoader", "torch.utils.data.get_worker_info", "torch.Generator",
#   "numpy.random.default_rng"]
# replaces = ["np.random.seed in __getitem__", "worker_init_fn=lambda id: np.random.seed(id)"]
# why = """Workers are copies of the process: a NumPy generator that the data set carries is copied with its state, so
# all workers draw the same numbers, and again in the next epoch. The loader draws a seed for each worker from its
# generator; worker_init_fn makes the worker's generator from that seed, and one number then fixes everything."""
# pitfalls = """torch's, random's and NumPy's global generators are seeded in each worker already; it is generators of
# your own that are not. The numbers depend on the number of workers. With persistent_workers=True worker_init_fn runs
# once, and the generator goes on."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: 2 workers drew the same numbers"
# ///
"""Random numbers in DataLoader workers: of their own, new in each epoch, and the same again from one seed."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info


class NoisySamples(Dataset[torch.Tensor]):
    """Zeros under noise that is drawn each time a sample is read."""

    rng = np.random.default_rng(0)  # for the main process; workers get theirs in seed_worker

    def __len__(self) -> int:
        return 12

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.tensor(self.rng.normal())


def seed_worker(_worker_id: int) -> None:
    """Give this worker's copy of the data set a generator of its own. Runs in the worker."""
    worker = get_worker_info()
    worker.dataset.rng = np.random.default_rng(worker.seed)  # base seed of this epoch + number of the worker


def open_loader(dataset: Dataset[torch.Tensor], *, seed: int, workers: int = 2) -> DataLoader[torch.Tensor]:
    """Batches of 3 whose order and noise follow from the seed."""
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(
        dataset, batch_size=3, shuffle=True, num_workers=workers, worker_init_fn=seed_worker, generator=generator
    )


if __name__ == "__main__":

    def epochs(seed: int) -> list[torch.Tensor]:
        loader = open_loader(NoisySamples(), seed=seed)
        return [torch.cat(list(loader)) for _ in range(2)]  # (12,) each

    first, second = epochs(seed=1)
    assert len(first.unique()) == 12  # the two workers drew different numbers
    assert not first.equal(second)  # and others in the next epoch
    assert all(a.equal(b) for a, b in zip(epochs(seed=1), (first, second), strict=True))
    assert not epochs(seed=2)[0].equal(first)
    print("epoch 1:", [round(number, 2) for number in first.tolist()])
