# /// pattern
# id = "pt.loop.clip"
# topic = "train.loop"
# role = "loop"
# provides = "clip"
# entry = "train_one_epoch"
# questions = [
#   "gradient clipping in pytorch",
#   "clip_grad_norm_ where in the training loop",
#   "exploding gradients lstm",
#   "loss suddenly becomes nan, clip gradients",
#   "max norm gradient clipping torch",
#   "clip before or after backward",
#   "gradiant cliping pytorch",
# ]
# errors = ["`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`"]
# apis = ["torch.nn.utils.clip_grad_norm_"]
# replaces = ["torch.nn.utils.clip_grad_norm"]
# why = """One odd batch can give a gradient a hundred times the usual one and undo an epoch's work. Scaling the whole
# gradient down to max_norm keeps its direction and bounds the step."""
# pitfalls = "It goes between backward and step: before backward there is nothing to clip, after step it is too late."
# when_not = "As a cure for a learning rate that is too high."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "warns FutureWarning: `torch.nn.utils.clip_grad_norm` is now deprecated"
# ///
"""One epoch of training with the gradient's norm bounded."""

import torch
from torch import nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader
from tqdm import tqdm


def train_one_epoch(
    model: nn.Module,
    loader: DataLoader,
    criterion: nn.Module,
    optimizer: Optimizer,
    device: torch.device,
    *,
    max_norm: float,
) -> float:
    """Train on every batch once and return the mean loss per sample. The criterion averages over the batch.

    A gradient over all parameters that is longer than max_norm is scaled down to it.
    """
    model.train()
    total, seen = torch.zeros((), device=device), 0  # stays on the device: reading it each step would wait for it
    for inputs, targets in tqdm(loader, desc="train", leave=False):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        total += loss.detach() * len(inputs)
        seen += len(inputs)
    return total.item() / seen


if __name__ == "__main__":
    from torch.utils.data import TensorDataset

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    features = torch.randn(100, 4)
    loader = DataLoader(TensorDataset(features, (features[:, 0] > 0).long()), batch_size=32, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    criterion = nn.CrossEntropyLoss()
    cpu = torch.device("cpu")
    losses = [train_one_epoch(model, loader, criterion, optimizer, cpu, max_norm=1.0) for _ in range(10)]
    assert losses[-1] < 0.5 * losses[0], losses

    features[0] = 1e4  # an outlier
    weight = model[0].weight.detach().clone()
    batch = [(features[:32], torch.ones(32, dtype=torch.int64))]
    train_one_epoch(model, batch, criterion, optimizer, cpu, max_norm=0.1)
    assert (model[0].weight - weight).norm() <= 0.5 * 0.1 + 1e-6  # no step is longer than lr * max_norm
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
