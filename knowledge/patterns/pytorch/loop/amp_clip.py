# /// pattern
# id = "pt.loop.amp-clip"
# topic = "train.amp"
# role = "loop"
# provides = "amp-clip"
# entry = "train_one_epoch"
# questions = [
#   "gradient clipping with mixed precision pytorch",
#   "scaler.unscale_ before clip_grad_norm_",
#   "GradScaler and clip_grad_norm_ together",
#   "amp training loop with clipping",
#   "model stops learning after adding clipping to amp",
#   "clip gradiants with amp torch",
# ]
# errors = ["unscale_() has already been called on this optimizer since the last update()",
#   "`torch.cuda.amp.GradScaler(args...)` is deprecated"]
# apis = ["torch.autocast", "torch.amp.GradScaler", "torch.amp.GradScaler.unscale_", "torch.nn.utils.clip_grad_norm_"]
# replaces = ["torch.cuda.amp.autocast", "torch.cuda.amp.GradScaler"]
# why = """Scaled gradients are up to 65536 times too long: clipped as they are, all of them shrink to a step that is
# next to nothing. unscale_ first, then max_norm means what it says."""
# pitfalls = "unscale_ once per step: with gradient accumulation only before the step that is really taken."
# when_not = "bfloat16 throughout: no scaler is needed, clip directly."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the scaled gradient was clipped"
# ///
"""One epoch of training in mixed precision with the gradient's norm bounded."""

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
    scaler: torch.amp.GradScaler,
    *,
    max_norm: float,
) -> float:
    """Train on every batch once and return the mean loss per sample. The criterion averages over the batch.

    float16 on CUDA, bfloat16 on a CPU; the scaler is enabled on CUDA only. A gradient over all parameters that is
    longer than max_norm is scaled down to it.
    """
    model.train()
    dtype = torch.float16 if device.type == "cuda" else torch.bfloat16
    total, seen = torch.zeros((), device=device), 0  # stays on the device: reading it each step would wait for it
    for inputs, targets in tqdm(loader, desc="train", leave=False):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        with torch.autocast(device.type, dtype=dtype):
            loss = criterion(model(inputs), targets)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)  # max_norm is meant for the true gradient
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        scaler.step(optimizer)
        scaler.update()
        total += loss.detach() * len(inputs)
        seen += len(inputs)
    return total.item() / seen


if __name__ == "__main__":
    from torch.utils.data import TensorDataset

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    features = torch.randn(100, 4)
    loader = DataLoader(TensorDataset(features, (features[:, 0] > 0).long()), batch_size=32, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for enabled in (False, True):  # scaled or not, the step is the same
        scaler = torch.amp.GradScaler(device.type, enabled=enabled)
        weight = model[0].weight.detach().clone()
        train_one_epoch(model, [(features, torch.ones(100).long())], criterion, optimizer, device, scaler, max_norm=0.1)
        assert 0 < (model[0].weight - weight).norm() <= 0.5 * 0.1 + 1e-5

    losses = [train_one_epoch(model, loader, criterion, optimizer, device, scaler, max_norm=1.0) for _ in range(10)]
    assert losses[-1] < 0.5 * losses[0], losses
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
