# /// pattern
# id = "pt.optimizer.adamw"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "adamw"
# entry = "build_optimizer"
# twin = "tf.optimizer.adamw"
# questions = [
#   "adamw in pytorch",
#   "exclude bias and layernorm from weight decay",
#   "parameter groups with different weight decay",
#   "difference between adam and adamw",
#   "no weight decay on batchnorm torch",
#   "adamw optimzer param groups",
# ]
# errors = ["some parameters appear in more than one parameter group", "cannot import name 'AdamW' from 'transformers'"]
# apis = ["torch.optim.AdamW"]
# replaces = ["transformers.AdamW"]
# why = """Decay pulls weights towards 0. For a weight matrix that is regularisation; for the scale of a normalisation
# or a bias it only shifts the function, so tensors of less than two dimensions are left alone."""
# pitfalls = "Decay acts as learning_rate * weight_decay per step: raising one alone changes the other's effect."
# when_not = "Fine-tuning with a large batch and SGD recipes that were tuned for SGD."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: decay moved the scale of the normalisation"
# ///
"""AdamW with weight decay on weight matrices and kernels only (arXiv 1711.05101)."""

from torch import nn
from torch.optim import AdamW, Optimizer


def build_optimizer(model: nn.Module, *, learning_rate: float, weight_decay: float) -> Optimizer:
    """AdamW in two groups: tensors of two or more dimensions decay; biases and normalisations do not."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trainable if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trainable if parameter.ndim < 2], "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=learning_rate)


if __name__ == "__main__":
    import torch

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 1))
    features = torch.randn(64, 3)
    targets = features.sum(dim=1, keepdim=True)  # (64, 1)
    optimizer = build_optimizer(model, learning_rate=0.02, weight_decay=0.01)
    assert [len(group["params"]) for group in optimizer.param_groups] == [2, 4]

    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0], losses

    for parameter in model.parameters():  # without a gradient, decay is all that moves anything
        parameter.grad = torch.zeros_like(parameter)
    still = build_optimizer(model, learning_rate=0.1, weight_decay=0.1)
    weight, scale = model[0].weight.clone(), model[1].weight.clone()
    still.step()
    assert torch.allclose(model[0].weight, 0.99 * weight) and torch.equal(model[1].weight, scale)
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.4f}")
