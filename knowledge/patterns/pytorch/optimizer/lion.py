# /// pattern
# id = "pt.optimizer.lion"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "lion"
# entry = "build_optimizer"
# twin = "tf.optimizer.lion"
# questions = [
#   "lion optimizer in pytorch",
#   "write a custom optimizer in torch",
#   "sign based optimizer with momentum",
#   "optimizer with less memory than adam",
#   "which learning rate for lion",
#   "lion optimzer from the paper",
# ]
# errors = ["module 'torch.optim' has no attribute 'Lion'"]
# apis = ["torch.optim.Optimizer", "torch.Tensor.lerp_"]
# why = """Every weight moves by exactly the learning rate, in the direction of the sign of the averaged gradient. One
# average is kept for each weight where Adam keeps two."""
# pitfalls = """Its steps do not shrink with the gradient: take a learning rate three to ten times smaller than for
# AdamW, and a weight decay as many times larger."""
# when_not = "Small batches: the sign of a noisy gradient is mostly noise."
# checks = ["runs", "no_deprecation_warning", "trains"]
# ///
"""The Lion optimiser: the sign of an averaged gradient, with decoupled weight decay (arXiv 2302.06675)."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer


class Lion(Optimizer):
    """Algorithm 2 of the paper: w -= lr * (sign(b1 * m + (1 - b1) * g) + decay * w), then m = b2 * m + (1 - b2) * g."""

    def __init__(
        self,
        params: Iterable[nn.Parameter] | Iterable[dict[str, Any]],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update every parameter that has a gradient; returns the closure's loss, if there is one."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, **{key: group[key] for key in ("lr", "betas", "weight_decay")})
        return loss

    def _update(self, weight: nn.Parameter, *, lr: float, betas: tuple[float, float], weight_decay: float) -> None:
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        momentum, gradient = state["momentum"], weight.grad
        direction = momentum.lerp(gradient, 1 - betas[0]).sign_()
        weight.mul_(1 - lr * weight_decay).add_(direction, alpha=-lr)
        momentum.lerp_(gradient, 1 - betas[1])


def build_optimizer(model: nn.Module, *, learning_rate: float, weight_decay: float) -> Optimizer:
    """Lion in two groups: tensors of two or more dimensions decay; biases and normalisations do not."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trainable if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trainable if parameter.ndim < 2], "weight_decay": 0.0},
    ]
    return Lion(groups, lr=learning_rate)


if __name__ == "__main__":
    torch.manual_seed(0)
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    weight.grad = torch.tensor([0.001, 1000.0])
    Lion([weight], lr=0.1, weight_decay=0.5).step()
    assert torch.allclose(weight, torch.tensor([0.95 - 0.1, -1.9 - 0.1]))  # the size of the gradient plays no part

    model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
    features = torch.randn(64, 3)
    targets = features.sum(dim=1, keepdim=True)  # (64, 1)
    optimizer = build_optimizer(model, learning_rate=0.003, weight_decay=0.01)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0], losses
    assert all(len(state) == 1 for state in optimizer.state.values())  # one average per weight
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.4f}")
