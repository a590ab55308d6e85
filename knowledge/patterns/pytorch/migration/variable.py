# /// pattern
# id = "pt.migration.variable"
# topic = "migration.autograd"
# questions = [
#   "invalid index of a 0-dim tensor",
#   "loss.data[0] IndexError",
#   "torch.autograd.Variable still needed?",
#   "volatile was removed and now has no effect",
#   "how to get a python number out of a loss",
#   "varible volatile=True pytorch",
# ]
# errors = [
#   "IndexError: invalid index of a 0-dim tensor. Use `tensor.item()` in Python",
#   "UserWarning: volatile was removed and now has no effect. Use `with torch.no_grad():` instead.",
# ]
# apis = ["torch.Tensor.item", "torch.no_grad"]
# replaces = ["torch.autograd.Variable", "loss.data[0]", "volatile=True"]
# why = """Since 0.4 a tensor is a Variable: requires_grad is its attribute, a loss has no dimensions and item() reads
# it, and no_grad around the evaluation does what volatile did. volatile itself is ignored, so the graph is kept."""
# pitfalls = """.data still cuts the graph without a word; detach() does the same and lets autograd notice later
# in-place changes."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises IndexError: invalid index of a 0-dim tensor"
# ///
"""Training and evaluation without Variable, volatile and loss.data[0]."""

import torch
from torch import nn


def train_step(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor) -> float:
    """One step on inputs (B, D) and targets (B, K); the loss as a number."""
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)  # no dimensions: shape ()
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def evaluate(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """The loss, without a graph (volatile=True)."""
    return nn.functional.mse_loss(model(x), y).item()


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(64, 2)
    y = x.sum(dim=1, keepdim=True)
    before = evaluate(model, x, y)
    losses = [train_step(model, optimizer, x, y) for _ in range(50)]
    assert abs(losses[0] - before) < 1e-6 and losses[-1] < 0.01 * before

    with torch.no_grad():
        assert not model(x).requires_grad
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.5f}")
