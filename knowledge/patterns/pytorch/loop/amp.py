# /// pattern
# id = "pt.loop.amp"
# topic = "train.amp"
# role = "loop"
# provides = "amp"
# entry = "train_one_epoch"
# twin = "tf.precision.mixed"
# questions = [
#   "mixed precision training in pytorch",
#   "torch.amp.autocast and GradScaler",
#   "torch.cuda.amp is deprecated what now",
#   "float16 training loop",
#   "bfloat16 on cpu autocast",
#   "use less gpu memory with amp",
#   "mixed presicion training loop torch",
# ]
# errors = ["`torch.cuda.amp.GradScaler(args...)` is deprecated",
#   "`torch.cuda.amp.autocast(args...)` is deprecated",
#   "Attempting to unscale FP16 gradients"]
# apis = ["torch.autocast", "torch.amp.GradScaler"]
# replaces = ["torch.cuda.amp.autocast", "torch.cuda.amp.GradScaler", "torch.cpu.amp.autocast", "apex.amp"]
# why = """Products run in 16 bits while weights and sums stay in 32. float16 cannot hold small gradients, so the loss
# is scaled up before backward; bfloat16 has the range of float32 and needs no scaling."""
# pitfalls = "Never call model.half() as well: autocast wants float32 weights."
# when_not = "A processor without 16-bit arithmetic: it is slower there than float32."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "warns FutureWarning: `torch.cuda.amp.GradScaler(args...)` is deprecated"
# ///
"""One epoch of training in mixed precision: float16 on CUDA, bfloat16 on a CPU."""

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
) -> float:
    """Train on every batch once and return the mean loss per sample. The criterion averages over the batch.

    The scaler is enabled on CUDA only; disabled, it passes the loss and the step through.
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
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    criterion = nn.CrossEntropyLoss()
    losses = [train_one_epoch(model, loader, criterion, optimizer, device, scaler) for _ in range(10)]
    assert losses[-1] < 0.5 * losses[0], losses
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
