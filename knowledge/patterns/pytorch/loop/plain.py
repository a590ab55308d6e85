# /// pattern
# id = "pt.loop.plain"
# topic = "train.loop"
# role = "loop"
# provides = "plain"
# entry = "train_one_epoch"
# twin = "tf.loop.fit"
# questions = [
#   "training loop in pytorch",
#   "zero_grad backward step in which order",
#   "how do I compute the mean training loss correctly",
#   "why does my loss explode or not go down, optimizer.zero_grad",
#   "tqdm progress bar in a training loop",
#   "train one epoch function torch",
#   "trainig loop pytroch",
# ]
# errors = ["element 0 of tensors does not require grad and does not have a grad_fn",
#   "Expected all tensors to be on the same device", "Trying to backward through the graph a second time"]
# apis = ["torch.nn.Module.train", "torch.optim.Optimizer.zero_grad", "torch.Tensor.backward",
#   "torch.optim.Optimizer.step"]
# why = """backward adds to the gradients that are there, so they are cleared for every batch. The loss is weighted by
# the batch's size, which makes it the mean over samples though the last batch is smaller."""
# pitfalls = "Summing `loss` itself keeps every batch's graph alive until memory ends: sum loss.detach()."
# when_not = "Several losses or optimisers, as in a GAN: write that loop out."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: gradients of several batches were added up"
# ///
"""One epoch of training: forward, loss, backward, step."""

import torch
from torch import nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader
from tqdm import tqdm


def train_one_epoch(
    model: nn.Module, loader: DataLoader, criterion: nn.Module, optimizer: Optimizer, device: torch.device
) -> float:
    """Train on every batch once and return the mean loss per sample. The criterion averages over the batch."""
    model.train()
    total, seen = torch.zeros((), device=device), 0  # stays on the device: reading it each step would wait for it
    for inputs, targets in tqdm(loader, desc="train", leave=False):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
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
    losses = [train_one_epoch(model, loader, criterion, optimizer, torch.device("cpu")) for _ in range(10)]
    assert losses[-1] < 0.5 * losses[0], losses

    still = torch.optim.SGD(model.parameters(), lr=0.0)  # nothing moves: the mean over batches of 32, 32, 32 and 4
    mean = train_one_epoch(model, loader, criterion, still, torch.device("cpu"))
    inputs, targets = loader.dataset.tensors
    assert abs(mean - criterion(model(inputs), targets).item()) < 1e-5  # is that over all samples
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
