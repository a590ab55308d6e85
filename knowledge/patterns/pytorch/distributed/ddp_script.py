# /// pattern
# id = "pt.distributed.ddp-script"
# topic = "distributed.training"
# questions = [
#   "multi gpu DDP training script",
#   "DistributedDataParallel minimal example with torchrun",
#   "train on several gpus pytorch",
#   "one script for single gpu and torchrun",
#   "save a checkpoint with DDP from rank 0 only",
#   "Expected to have finished reduction in the prior iteration before starting a new one",
#   "parameters that were not used in producing loss ddp",
#   "try ddp on a laptop without gpus",
#   "distributed data paralel traning torch",
# ]
# errors = [
#   "RuntimeError: Expected to have finished reduction in the prior iteration before starting a new one.",
#   "ValueError: Default process group has not been initialized, please make sure to call init_process_group.",
# ]
# apis = ["torch.nn.parallel.DistributedDataParallel", "torch.distributed.init_process_group",
#   "torch.distributed.all_reduce", "torch.utils.data.DistributedSampler"]
# replaces = ["torch.nn.DataParallel", "torch.distributed.launch", "torch.multiprocessing.spawn", "local_rank argument"]
# why = """One process for each GPU, started by `torchrun --nproc-per-node=4 train.py`, which sets RANK, LOCAL_RANK and
# WORLD_SIZE. DDP averages the gradients during backward, so the replicas stay the same. Without torchrun the script is
# a group of one that needs no network (backend "fake"): the same code is debugged on any machine."""
# pitfalls = """Every parameter must take part in the loss, or the second step raises; leave the layer out, or pass
# find_unused_parameters=True, which costs a walk through the graph. Save ddp.module, on one rank. Seeds alike for the
# weights, set_epoch for the order. NCCL needs one GPU for each process.
# The record is of a group of one, for the sandbox has no network; two processes over gloo are run by gradproof's own
# tests."""
# when_not = "The model does not fit on one GPU: fully_shard. One GPU: no process group at all."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Expected to have finished reduction in the prior iteration"
# ///
"""A training script for DistributedDataParallel that also runs alone, as a group of one."""

import os
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset


def start() -> torch.device:
    """Join the group, of torchrun's processes or of this one alone, and say where this process computes."""
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    if "RANK" in os.environ:  # torchrun
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    else:
        # Its import makes "fake" known. It is private to PyTorch's tests: every public backend wants a network.
        from torch.testing._internal.distributed.fake_pg import FakeStore

        dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=1)
    return device


def as_they_are(_: None, bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:
    """The gradients of a group of one are their own mean."""
    future: torch.futures.Future[torch.Tensor] = torch.futures.Future()
    future.set_result(bucket.buffer())
    return future


def build_model() -> nn.Module:
    """Features (B, 4) to their sum (B, 1)."""
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))


def train_epoch(
    model: nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer, *, epoch: int, device: torch.device
) -> float:
    """One pass of this rank over its part; the mean loss over the samples of all ranks."""
    loader.sampler.set_epoch(epoch)  # another order in each epoch
    summed = torch.zeros(2, device=device)  # loss, samples
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()  # averages the gradients of all ranks
        optimizer.step()
        summed += torch.stack([loss.detach() * len(x), loss.new_tensor(len(x))])
    dist.all_reduce(summed)
    return (summed[0] / summed[1]).item()


def error_of_saved(checkpoint: Path) -> float:
    """Mean squared error of the saved weights in a plain model, without a group."""
    alone = build_model()
    alone.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
    x = torch.randn(100, 4)
    return nn.functional.mse_loss(alone(x), x.sum(dim=1, keepdim=True)).item()


def main(*, epochs: int) -> None:
    """Train, and let rank 0 save the weights and check what it saved."""
    device = start()
    try:
        torch.manual_seed(0)
        x = torch.randn(256, 4)
        dataset = TensorDataset(x, x.sum(dim=1, keepdim=True))
        loader = DataLoader(dataset, batch_size=32, sampler=DistributedSampler(dataset))
        ddp = DistributedDataParallel(build_model().to(device))
        if dist.get_backend() == "fake":  # which cannot be asked for a mean
            ddp.register_comm_hook(None, as_they_are)
        optimizer = torch.optim.Adam(ddp.parameters(), lr=0.01)
        losses = [train_epoch(ddp, loader, optimizer, epoch=epoch, device=device) for epoch in range(epochs)]
        assert losses[-1] < 0.2 * losses[0], losses
        if dist.get_rank() == 0:
            with tempfile.TemporaryDirectory() as folder:
                checkpoint = Path(folder) / "model.pt"
                torch.save(ddp.module.state_dict(), checkpoint)  # not ddp: its names begin with "module."
                error = error_of_saved(checkpoint)
            assert error < 0.2 * losses[0], error
            print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, of the saved weights {error:.3f}")
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    main(epochs=8)
