# /// pattern
# id = "pt.data.loader-workers"
# topic = "data.workers"
# twin = "tf.data.py-dataset"
# questions = [
#   "DataLoader num_workers pin_memory prefetch_factor persistent_workers",
#   "speed up data loading in pytorch",
#   "prefetch_factor option could only be specified in multiprocessing",
#   "persistent_workers option needs num_workers > 0",
#   "workers are started again every epoch",
#   "how many num_workers should I use",
#   "DataLoader settings for train and validation",
#   "dataloader slow num_wokers",
# ]
# errors = [
#   "ValueError: prefetch_factor option could only be specified in multiprocessing",
#   "ValueError: persistent_workers option needs num_workers > 0",
#   "UserWarning: 'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't b",
# ]
# apis = ["torch.utils.data.DataLoader", "torch.accelerator.is_available"]
# replaces = ["DataLoader(pin_memory_device=)"]
# why = """Workers read ahead while the model computes, pinned memory lets copies to the GPU run beside it, and
# persistent workers are started once instead of in every epoch. Each option has a condition: without workers
# prefetch_factor and persistent_workers are errors, without an accelerator pin_memory only warns."""
# pitfalls = """Each worker holds its own copy of what the data set changes or counts references to: keep arrays, not
# lists of millions of Python objects. Start with 2 to 4 workers and measure; more than the cores only costs. On Windows
# and macOS the program needs `if __name__ == "__main__":`."""
# when_not = "Tensors already in memory and cheap to index: num_workers=0 is faster, or index the tensors yourself."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: prefetch_factor option could only be specified in multiprocessing"
# ///
"""The options of a DataLoader that belong together: workers, prefetching, pinned memory."""

import os

import torch
from torch.utils.data import DataLoader, Dataset


class WhoReads(Dataset[tuple[int, int]]):
    """The index, and the number of the process that read it."""

    def __len__(self) -> int:
        return 12

    def __getitem__(self, index: int) -> tuple[int, int]:
        return index, os.getpid()


def open_loader(dataset: Dataset, *, batch_size: int, train: bool, workers: int) -> DataLoader:
    """Shuffled, whole batches for training; every sample in order for validation."""
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=train,
        drop_last=train,
        num_workers=workers,
        persistent_workers=workers > 0,  # not started again in each epoch
        prefetch_factor=4 if workers else None,  # batches that each worker has ready; 2 by default
        pin_memory=torch.accelerator.is_available(),  # then use batch.to(device, non_blocking=True)
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    for workers in (0, 2):
        loader = open_loader(WhoReads(), batch_size=5, train=False, workers=workers)
        epochs = [[batch for batch in loader] for _ in range(2)]
        indices = [torch.cat([batch[0] for batch in epoch]).tolist() for epoch in epochs]
        assert indices == [list(range(12))] * 2  # in order, whatever the number of workers
        readers = [{number for batch in epoch for number in batch[1].tolist()} for epoch in epochs]
        assert len(readers[0]) == max(workers, 1)
        assert readers[0] == readers[1]  # the same processes in the second epoch
        assert (os.getpid() in readers[0]) == (workers == 0)

    train = open_loader(WhoReads(), batch_size=5, train=True, workers=2)
    sizes = [len(batch[0]) for batch in train]
    assert sizes == [5, 5] and len(train) == 2
    print(f"{workers} workers, the same in both epochs: {sorted(readers[0])}")
