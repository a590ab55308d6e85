# /// pattern
# id = "pt.data.memory-mapped"
# topic = "data.streaming"
# questions = [
#   "dataset larger than ram pytorch",
#   "np.memmap in a Dataset",
#   "mmap_mode='r' npz not working",
#   "out of memory loading npy file, read rows lazily",
#   "The given NumPy array is not writable",
#   "random access to a huge array from DataLoader workers",
#   "memory maped dataset torch",
# ]
# errors = [
#   "UserWarning: The given NumPy array is not writable, and PyTorch does not support non-writable tensors.",
#   "numpy._core._exceptions._ArrayMemoryError: Unable to allocate",
# ]
# apis = ["numpy.load", "numpy.lib.format.open_memmap", "torch.utils.data.Dataset", "torch.from_numpy"]
# replaces = ["np.load of the whole file", "np.load('x.npz', mmap_mode='r')"]
# why = """numpy.load with mmap_mode="r" gives an array whose rows are read from the file when they are touched: here 5
# rows of 61 MiB cost less than 1 MiB, and workers share the pages. An .npz is an archive and cannot be mapped:
# mmap_mode is then ignored without a word, and everything is read."""
# pitfalls = """Open the file in __init__ of the data set, never copy the map whole (array * 2, astype). A row must be
# copied before it becomes a tensor, since the map cannot be written to. Shuffled rows on a spinning disk are slow."""
# when_not = "It fits into memory: a TensorDataset is simpler and faster."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the whole file was read"
# ///
"""Rows of an array that is larger than memory, read from the file one by one."""

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class RowsOnDisk(Dataset[torch.Tensor]):
    """The rows (D,) of a float32 .npy file of shape (N, D)."""

    def __init__(self, path: Path) -> None:
        self.rows = np.load(path, mmap_mode="r")  # nothing is read yet

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(self.rows[index].copy())  # the copy reads the row, and can be written to


def write_in_parts(path: Path, *, rows: int, columns: int, part: int = 1000) -> None:
    """A .npy file in which row i is filled with i, made with one part in memory at a time."""
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, columns))
    for start in range(0, rows, part):
        numbers = np.arange(start, min(start + part, rows), dtype=np.float32)
        array[start : start + part] = numbers[:, None]
    array.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npy"
        write_in_parts(path, rows=4000, columns=4000)
        assert path.stat().st_size > 61 * 2**20

        tracemalloc.start()
        dataset = RowsOnDisk(path)
        chosen = [3999, 0, 1234, 17, 2500]
        batch = torch.stack([dataset[index] for index in chosen])  # (5, 4000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2**20  # of 61 MiB
        assert batch.mean(dim=1).tolist() == [float(index) for index in chosen]

        loader = DataLoader(dataset, batch_size=100, shuffle=True, num_workers=2)
        first_columns = torch.cat([rows[:, 0] for rows in loader])
        assert first_columns.sort().values.equal(torch.arange(4000.0))
    print(f"5 rows of a 61 MiB file took {peak / 1024:.0f} KiB")
