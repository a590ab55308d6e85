# /// pattern
# id = "pt.loss.regularisation"
# topic = "loss.regularisation"
# twin = "tf.loss.regularisation"
# questions = [
#   "l1 regularization pytorch",
#   "L2 regularization in pytorch weight_decay or add to the loss",
#   "sparse weights with an l1 penalty",
#   "elastic net penalty torch",
#   "is weight_decay in Adam the same as l2",
#   "how much regularization for a small dataset",
#   "l1 regularisaton pytroch loss",
# ]
# apis = ["torch.Tensor.abs", "torch.optim.SGD"]
# replaces = ["kernel_regularizer", "torch.norm(p, 1)", "Adam(weight_decay=) as L2"]
# why = """A penalty is a term of the loss: factor * sum of squares (L2) or of absolute values (L1) of the weights. With
# plain SGD weight_decay=2 * factor is the same step as L2; with Adam it is not, as the gradient's size is divided out.
# On 40 noisy samples of 30 features, of which 3 count, L1 of 0.1 brought the validation error from 5.1 to 1.6, where
# 1.0 is noise, and half of the other weights to about zero."""
# pitfalls = """Leave out biases and the scales of norms. Use .detach() or item() on what is logged. The penalty belongs
# into the training loss only: validation is measured without it. Sum over tensors, not a mean over models of any
# size."""
# when_not = "L2 with Adam: AdamW's weight_decay. Exact zeros: prune, or a proximal step; gradients only come near."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the penalty does not act"
# ///
"""L1 and L2 penalties on weights: what they add, and what they bring on a small data set."""

import torch
from torch import nn


def penalty(model: nn.Module, *, l1: float = 0.0, l2: float = 0.0) -> torch.Tensor:
    """The scalar l1 * sum |w| + l2 * sum w² over weight matrices and kernels."""
    weights = [p for p in model.parameters() if p.ndim > 1]  # no biases, no scales of norms
    return sum(l1 * w.abs().sum() + l2 * w.square().sum() for w in weights)


def fitted(x: torch.Tensor, y: torch.Tensor, *, weight_decay: float = 0.0, **factors: float) -> nn.Linear:
    """A linear model of (N, D) to (N, 1), trained on the whole data set in each step."""
    torch.manual_seed(0)
    model = nn.Linear(x.shape[1], 1)
    decayed = [{"params": [model.weight], "weight_decay": weight_decay}, {"params": [model.bias]}]
    optimizer = torch.optim.SGD(decayed, lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean() + penalty(model, **factors)
        loss.backward()
        optimizer.step()
    return model


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(240, 30, generator=generator)
    y = x[:, :1] - 2 * x[:, 1:2] + 0.5 * x[:, 2:3] + torch.randn(240, 1, generator=generator)

    models = {
        "none": fitted(x[:40], y[:40]),
        "L2": fitted(x[:40], y[:40], l2=0.05),
        "L1": fitted(x[:40], y[:40], l1=0.1),
    }
    with torch.inference_mode():
        errors = {name: (model(x[40:]) - y[40:]).square().mean().item() for name, model in models.items()}
    small = (models["L1"].weight[0, 3:].abs() < 0.05).float().mean().item()  # of the features that mean nothing
    print({name: round(error, 2) for name, error in errors.items()}, f"{small:.0%} of the others about zero")
    assert errors["L1"] < 0.6 * errors["none"] and errors["L2"] < errors["none"] and small > 0.35

    decayed = fitted(x[:40], y[:40], weight_decay=2 * 0.05)  # SGD's decay is L2 with twice the factor
    torch.testing.assert_close(decayed.weight, models["L2"].weight, rtol=1e-4, atol=1e-5)
    w = models["L1"].weight
    torch.testing.assert_close(penalty(models["L1"], l1=0.1, l2=0.2), 0.1 * w.abs().sum() + 0.2 * (w * w).sum())
