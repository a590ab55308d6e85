# /// pattern
# id = "pt.checkpoint.checkpoint"
# topic = "train.checkpoint"
# role = "checkpoint"
# provides = "checkpoint"
# entry = "save_checkpoint"
# twin = "tf.checkpoint.checkpoint"
# questions = [
#   "save and resume training in pytorch",
#   "checkpoint model optimizer and scheduler",
#   "continue training after interruption exactly",
#   "torch.load weights_only error",
#   "loss jumps after resuming from checkpoint",
#   "save random state rng in checkpoint torch",
#   "safe a model checkpoint pytroch",
# ]
# errors = ["Weights only load failed", "_pickle.UnpicklingError: Weights only load failed",
#   "Error(s) in loading state_dict for", "Attempting to deserialize object on a CUDA device"]
# apis = ["torch.save", "torch.load", "torch.nn.Module.load_state_dict", "torch.optim.Optimizer.state_dict",
#   "torch.get_rng_state", "torch.amp.GradScaler.state_dict"]
# why = """A resumed run equals the uninterrupted one only if everything that changes is saved: weights, Adam's
# averages, the schedule, the scaler and the random states. Written beside and renamed, a file is whole or absent."""
# pitfalls = """Without the optimiser's state the first steps after a restart are those of a fresh Adam, and the loss
# jumps."""
# when_not = "Handing the model to others: give them model.state_dict() alone."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the resumed run differs"
# ///
"""Checkpoints from which training goes on as if it had never stopped."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.amp import GradScaler
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def random_states() -> dict[str, Any]:
    """The states of all random generators, as tensors and plain Python values."""
    name, keys, *rest = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": (name, keys.tolist(), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_random_states(states: dict[str, Any]) -> None:
    """Put all random generators back to what random_states() gave."""
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    torch.set_rng_state(states["torch"])
    if len(states["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(states["cuda"])


def save_checkpoint(
    path: Path,
    *,
    epoch: int,
    model: nn.Module,
    optimizer: Optimizer,
    schedule: LRScheduler | None = None,
    scaler: GradScaler | None = None,
    stopper_state: dict | None = None,
    generator: torch.Generator | None = None,
) -> None:
    """Write all that training needs to go on after `epoch`; a crash meanwhile leaves the former file whole.

    The generator is the one that shuffles the training loader.
    """
    checkpoint = {
        "epoch": epoch,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict() if schedule else None,
        "scaler": scaler.state_dict() if scaler else None,
        "stopper_state": stopper_state,
        "generator": generator.get_state() if generator else None,
        "random": random_states(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".tmp")
    torch.save(checkpoint, unfinished)
    unfinished.replace(path)


def load_checkpoint(
    path: Path,
    *,
    model: nn.Module,
    optimizer: Optimizer | None = None,
    schedule: LRScheduler | None = None,
    scaler: GradScaler | None = None,
    generator: torch.Generator | None = None,
) -> dict[str, Any]:
    """Restore what is given, and return {"epoch", "stopper_state"}.

    With an optimiser training is being resumed, so the random states are restored too; a model alone is for use.
    """
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["model"])
    if optimizer:
        optimizer.load_state_dict(checkpoint["optimizer"])
        restore_random_states(checkpoint["random"])
    if schedule:
        schedule.load_state_dict(checkpoint["schedule"])
    if scaler:
        scaler.load_state_dict(checkpoint["scaler"])
    if generator:
        generator.set_state(checkpoint["generator"])
    return {"epoch": checkpoint["epoch"], "stopper_state": checkpoint["stopper_state"]}


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    from torch.optim.lr_scheduler import ExponentialLR
    from torch.utils.data import DataLoader, TensorDataset

    features = torch.randn(40, 4, generator=torch.Generator().manual_seed(0))
    data = TensorDataset(features, features.sum(dim=1, keepdim=True))

    def new_run(seed: int) -> tuple[nn.Module, Optimizer, LRScheduler, DataLoader]:
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
        loader = DataLoader(data, batch_size=8, shuffle=True, generator=torch.Generator().manual_seed(seed))
        return model, optimizer, ExponentialLR(optimizer, gamma=0.9), loader

    def train(model: nn.Module, optimizer: Optimizer, schedule: LRScheduler, loader: DataLoader) -> list[float]:
        losses = []
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(inputs), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
        return losses

    with TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoints" / "last.pt"
        model, optimizer, schedule, loader = new_run(seed=0)
        train(model, optimizer, schedule, loader)
        states = {"optimizer": optimizer, "schedule": schedule, "generator": loader.generator}
        save_checkpoint(path, epoch=0, model=model, stopper_state={"best": 0.5}, **states)
        uninterrupted = train(model, optimizer, schedule, loader)

        other, optimizer, schedule, loader = new_run(seed=1)  # another process, another seed
        states = {"optimizer": optimizer, "schedule": schedule, "generator": loader.generator}
        progress = load_checkpoint(path, model=other, **states)
        resumed = train(other, optimizer, schedule, loader)
        assert [file.name for file in path.parent.iterdir()] == ["last.pt"]

    assert resumed == uninterrupted and progress == {"epoch": 0, "stopper_state": {"best": 0.5}}
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
    print(f"losses after the restart: {[round(loss, 4) for loss in resumed]}, the same as without it")
