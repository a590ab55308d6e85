# /// pattern
# id = "pt.performance.input-bottleneck"
# topic = "performance.input"
# twin = "tf.performance.input-bottleneck"
# questions = [
#   "is my data loading the bottleneck pytorch",
#   "gpu utilization low while training",
#   "dataloader slow how to find out",
#   "measure time waiting for data in the training loop",
#   "training takes too long, what should I optimise first",
#   "data time and batch time",
#   "gpu utilisation 20 percent datalaoder",
# ]
# apis = ["torch.utils.data.DataLoader", "time.perf_counter", "torch.cuda.synchronize"]
# replaces = ["nvidia-smi as the only measurement", "num_workers by guess"]
# why = """A step is waiting for its batch, then computing; only the larger part is worth work. Two clocks in the loop
# tell their shares. A second look with one batch kept in memory gives the limit: so fast would training be if data cost
# nothing. In the demo nine tenths and more of the time is waiting, and decoding once instead of in each epoch takes
# it."""
# pitfalls = """A GPU computes while Python goes on: without synchronize the computing is booked as waiting. The first
# batch also pays for the start of the workers: leave it out."""
# when_not = "Which operation of the model is slow: pt.performance.profiler."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a smaller model"
# ///
"""Is training waiting for its data? The share of a loop's time that goes into getting batches."""

import time
from collections.abc import Callable, Iterable

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset


def waiting_share(batches: Iterable, step: Callable[[torch.Tensor, torch.Tensor], None], *, skip: int = 1) -> float:
    """Of the time of one pass, without the first `skip` batches, the share that went into waiting for batches."""
    waited = computed = 0.0
    last = time.perf_counter()
    for index, (inputs, targets) in enumerate(batches):
        ready = time.perf_counter()
        step(inputs, targets)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        done = time.perf_counter()
        if index >= skip:
            waited, computed = waited + ready - last, computed + done - ready
        last = done
    return waited / (waited + computed)


class Decoded(Dataset):
    """Samples whose reading takes 4 ms, as the decoding of an image does."""

    def __len__(self) -> int:
        return 80

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        time.sleep(0.004)
        return torch.full((16,), index / 80), torch.tensor(index % 2)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step(inputs: torch.Tensor, targets: torch.Tensor) -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()

    slow = DataLoader(Decoded(), batch_size=16)
    samples = [slow.dataset[index] for index in range(len(slow.dataset))]  # decoded once, where they fit into memory
    kept = TensorDataset(*(torch.stack(part) for part in zip(*samples, strict=True)))
    fast = DataLoader(kept, batch_size=16)
    for (x, y), (same_x, same_y) in zip(slow, fast, strict=True):
        assert torch.equal(x, same_x) and torch.equal(y, same_y)

    one_batch = [next(iter(fast))] * 5  # the limit: data that cost nothing
    shares = {
        "slow": waiting_share(slow, step),
        "kept": waiting_share(fast, step),
        "limit": waiting_share(one_batch, step),
    }
    print({name: f"{share:.0%} waiting" for name, share in shares.items()})
    assert shares["slow"] > 0.7 and shares["limit"] < 0.1
    assert shares["kept"] < shares["slow"]
