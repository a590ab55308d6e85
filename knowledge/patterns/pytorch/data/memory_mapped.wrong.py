"""Wrong: an .npz file is not mapped, whatever mmap_mode says. The first access reads the array as a whole."""

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npz"
        np.savez(path, rows=np.ones((4000, 1000), dtype=np.float32))
        tracemalloc.start()
        row = np.load(path, mmap_mode="r")["rows"][7]
        peak = tracemalloc.get_traced_memory()[1]
    assert peak < 2**20, f"the whole file was read: {peak / 2**20:.0f} MiB for a row of {row.nbytes} bytes"
