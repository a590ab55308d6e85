# /// pattern
# id = "pt.data.iterable-sharded"
# topic = "data.streaming"
# questions = [
#   "IterableDataset with num_workers gives duplicate samples",
#   "stream files that are too large for memory in pytorch",
#   "split an iterable dataset between dataloader workers",
#   "get_worker_info example",
#   "shuffle an IterableDataset with a buffer",
#   "DataLoader with IterableDataset: expected unspecified shuffle option",
#   "epoch is twice as long with two workers",
#   "iterabledataset workers dublicates",
# ]
# errors = ["ValueError: DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=True"]
# apis = ["torch.utils.data.IterableDataset", "torch.utils.data.get_worker_info", "torch.utils.data.DataLoader"]
# replaces = ["torchdata.datapipes", "torch.utils.data.datapipes", "DataLoader(IterableDataset, shuffle=True)"]
# why = """Every worker gets a copy of the whole data set and runs its __iter__: with two workers each line comes twice.
# get_worker_info tells a copy which worker it is, and it takes every n-th file only. A sampler does not exist here, so
# shuffling is done inside, over a buffer."""
# pitfalls = """With fewer files than workers some have nothing to do. On several machines shard by rank as well: number
# rank * num_workers + worker. A buffer shuffles only locally, so let the order of the files vary too."""
# when_not = "The rows fit into memory, or can be reached by index (a memory-mapped array): a Dataset with a sampler."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: 12 numbers were read as 24"
# ///
"""Large files streamed by several workers: every line once, shuffled through a buffer."""

import random
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info


class NumberFiles(IterableDataset[torch.Tensor]):
    """The numbers of text files, one a line, as scalar tensors. Each worker reads files of its own."""

    def __init__(self, paths: list[Path], *, buffer: int, seed: int) -> None:
        self.paths, self.buffer, self.seed = paths, buffer, seed

    def __iter__(self) -> Iterator[torch.Tensor]:
        worker = get_worker_info()  # None in the main process
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        yield from shuffled(self._read(self.paths[first::step]), size=self.buffer, rng=random.Random(self.seed + first))

    def _read(self, paths: list[Path]) -> Iterator[torch.Tensor]:
        for path in paths:
            with path.open(encoding="utf-8") as lines:  # one line at a time, never the whole file
                yield from (torch.tensor(float(line)) for line in lines)


def shuffled(items: Iterable[torch.Tensor], *, size: int, rng: random.Random) -> Iterator[torch.Tensor]:
    """The same items in another order; no more than `size` of them are held at once."""
    held: list[torch.Tensor] = []
    for item in items:
        if len(held) < size:
            held.append(item)
        else:
            place = rng.randrange(size)
            yield held[place]
            held[place] = item
    rng.shuffle(held)
    yield from held


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"part-{number}.txt" for number in range(4)]
        for number, path in enumerate(paths):
            path.write_text("\n".join(str(10 * number + line) for line in range(10)), encoding="utf-8")
        everything = [float(number) for number in range(40)]
        for workers in (0, 2, 3):
            dataset = NumberFiles(paths, buffer=8, seed=0)
            batches = list(DataLoader(dataset, batch_size=5, num_workers=workers))  # (5,) each, the last may be shorter
            read = torch.cat(batches).tolist()
            assert sorted(read) == everything  # nothing twice, nothing left out
            assert read != everything
            print(f"{workers} workers: {len(read)} numbers, the first {read[:5]}")
