# /// pattern
# id = "pt.migration.loader-next"
# topic = "migration.data"
# questions = [
#   "'_SingleProcessDataLoaderIter' object has no attribute 'next'",
#   "dataiter.next() error pytorch",
#   "get one batch from a DataLoader",
#   "next(iter(loader)) gives the same batch every time",
#   "endless batches from a loader",
#   "dataloder iter next attribute error",
# ]
# errors = [
#   "AttributeError: '_SingleProcessDataLoaderIter' object has no attribute 'next'",
#   "AttributeError: '_MultiProcessingDataLoaderIter' object has no attribute 'next'",
# ]
# apis = ["torch.utils.data.DataLoader"]
# replaces = ["iter(loader).next()", "dataiter.next()"]
# why = """next is Python's function, next(iterator); the method of that name was dropped in 1.13. An iterator is one
# pass: made anew each time it starts at the first batch, and with workers starts those too."""
# pitfalls = "itertools.cycle(loader) keeps every batch in memory and repeats the first shuffle for ever."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: '_SingleProcessDataLoaderIter' object has no attribute 'next'"
# ///
"""One batch of a loader, and batches without an end."""

import itertools
from collections.abc import Iterator

import torch
from torch.utils.data import DataLoader


def endless(loader: DataLoader) -> Iterator[torch.Tensor]:
    """The loader's batches for ever, shuffled anew in each pass."""
    while True:
        yield from loader


if __name__ == "__main__":
    loader = DataLoader(torch.arange(6), batch_size=2)
    iterator = iter(loader)
    assert [next(iterator).tolist() for _ in range(3)] == [[0, 1], [2, 3], [4, 5]]
    assert next(iterator, None) is None  # one pass is over
    assert [next(iter(loader)).tolist() for _ in range(2)] == [[0, 1], [0, 1]]  # always the first batch

    shuffled = DataLoader(torch.arange(6), batch_size=2, shuffle=True, generator=torch.Generator().manual_seed(0))
    batches = [batch.tolist() for batch in itertools.islice(endless(shuffled), 6)]
    passes = [sum(batches[:3], []), sum(batches[3:], [])]  # noqa: RUF017
    assert all(sorted(numbers) == list(range(6)) for numbers in passes) and passes[0] != passes[1]
    repeated = [batch.tolist() for batch in itertools.islice(itertools.cycle(shuffled), 6)]
    assert repeated[:3] == repeated[3:]  # itertools.cycle shuffles only once
    print(f"two passes: {passes}")
