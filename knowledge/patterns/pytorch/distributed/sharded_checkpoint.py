# /// pattern
# id = "pt.distributed.sharded-checkpoint"
# topic = "distributed.checkpoint"
# questions = [
#   "torch.distributed.checkpoint example",
#   "save and load fsdp checkpoint dcp",
#   "load a distributed checkpoint on one gpu",
#   "get_state_dict set_state_dict model and optimizer",
#   "dist_cp.save_state_dict deprecated",
#   "convert dcp checkpoint to torch.save",
#   "checkpoint folder with __0_0.distcp and .metadata",
#   "distributed chekpoint resume other number of gpus",
# ]
# errors = [
#   "FutureWarning: `save_state_dict` is deprecated and will be removed in future versions.Please use `save` instead.",
#   "RuntimeError: Missing key in checkpoint state_dict:",
# ]
# apis = ["torch.distributed.checkpoint.save", "torch.distributed.checkpoint.load",
#   "torch.distributed.checkpoint.state_dict.get_state_dict", "torch.distributed.checkpoint.state_dict.set_state_dict",
#   "torch.distributed.checkpoint.format_utils.dcp_to_torch_save"]
# replaces = ["torch.distributed.checkpoint.save_state_dict", "torch.distributed.checkpoint.load_state_dict",
#   "FSDP.state_dict_type", "FSDP.full_optim_state_dict"]
# why = """Every rank writes its own shards into one folder, and any other number of ranks, also one process without a
# group as here, reads what it needs. get_state_dict names parameters and optimizer state by the model's names, without
# the prefixes of DDP, FSDP or compile. load fills the tensors that it is given: so first ask for the state, then load,
# then set it."""
# pitfalls = """An optimizer that has not stepped has no state to fill: get_state_dict makes it. Write to a new folder
# each time, and let rank 0 rename it when all are done."""
# when_not = "One process and a model that fits into it: torch.save of the state dicts."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises CheckpointException"
# ///
"""A sharded checkpoint of model and optimizer (torch.distributed.checkpoint), also read without a process group."""

import tempfile
from pathlib import Path

import torch
import torch.distributed.checkpoint as dcp
from torch import nn
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict


def save(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path, *, epoch: int) -> None:
    """Write the training's state; every rank calls this."""
    model_state, optimizer_state = get_state_dict(model, optimizer)
    dcp.save({"model": model_state, "optimizer": optimizer_state, "epoch": epoch}, checkpoint_id=folder)


def load(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> int:
    """Fill model and optimizer in place, and give back the epoch; every rank calls this."""
    model_state, optimizer_state = get_state_dict(model, optimizer)
    state = {"model": model_state, "optimizer": optimizer_state, "epoch": 0}
    dcp.load(state, checkpoint_id=folder)
    set_state_dict(model, optimizer, model_state_dict=state["model"], optim_state_dict=state["optimizer"])
    return state["epoch"]


def build(seed: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    """A model and its optimizer, untrained."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    return model, torch.optim.Adam(model.parameters(), lr=0.01)


def step(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> None:
    """One step of regression on the sum of the features (N, 4)."""
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), x.sum(dim=1, keepdim=True)).backward()
    optimizer.step()


if __name__ == "__main__":
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(0))
    model, optimizer = build(seed=0)
    for _ in range(3):
        step(model, optimizer, x)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "epoch-3"
        save(model, optimizer, folder, epoch=3)
        again, again_optimizer = build(seed=1)  # other weights, and an optimizer that never stepped
        assert load(again, again_optimizer, folder) == 3
        dcp_to_torch_save(folder, Path(name) / "model.pt")  # one file, for tools that know torch.load only
        single = torch.load(Path(name) / "model.pt")["model"]
    for name, weight in model.state_dict().items():
        assert weight.equal(again.state_dict()[name]) and weight.equal(single[name])
    for _ in range(2):  # goes on as if it had never stopped: the moments of Adam came along
        step(model, optimizer, x)
        step(again, again_optimizer, x)
    assert all(a.equal(b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    print("resumed from epoch 3")
