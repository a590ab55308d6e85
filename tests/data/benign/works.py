"""What honest programs use: processes, threads, subprocesses, shared memory, temporary files, big arrays."""

import getpass
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import uuid
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import shared_memory
from pathlib import Path

import helper
import numpy as np


def square(x):
    return x * x


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print("pool", pool.map(square, range(4)))
    with ProcessPoolExecutor(2) as executor:
        print("executor", list(executor.map(square, [5])))
    block = shared_memory.SharedMemory(create=True, size=1 << 20)
    block.close(), block.unlink()
    results = []
    threads = [threading.Thread(target=results.append, args=(n,)) for n in range(8)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    print("threads", len(results))
    print("subprocess", subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout.strip())
    print("shell", subprocess.run("echo $HOME", shell=True, capture_output=True, text=True).stdout.strip())
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x").write_text("kept")
        print("tempfile", Path(folder, "x").read_text())
    print("user", getpass.getuser(), bool(uuid.uuid4()), os.getcwd())
    print("array", np.ones(1_500_000_000 // 8).sum())
    print("data", Path("data/in.txt").read_text(), helper.NAME)
