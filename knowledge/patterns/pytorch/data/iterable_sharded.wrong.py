"""Wrong: an __iter__ that does not ask which worker it runs in. Every worker reads everything."""

from collections.abc import Iterator

import torch
from torch.utils.data import DataLoader, IterableDataset


class Numbers(IterableDataset[int]):
    """The numbers from 0 to 11."""

    def __iter__(self) -> Iterator[int]:
        yield from range(12)


if __name__ == "__main__":
    read = torch.cat(list(DataLoader(Numbers(), batch_size=4, num_workers=2))).tolist()
    assert sorted(read) == list(range(12)), f"12 numbers were read as {len(read)}: each worker read all of them"
