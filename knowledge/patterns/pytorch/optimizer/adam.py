# /// pattern
# id = "pt.optimizer.adam"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "adam"
# entry = "build_optimizer"
# twin = "tf.optimizer.adam"
# questions = [
#   "adam optimizer in pytorch",
#   "which learning rate for adam",
#   "torch.optim.Adam with weight decay",
#   "part of my model does not train",
#   "optimizer created before replacing a layer",
#   "set up an optimiser torch",
#   "adam optimzer lr 1e-3",
# ]
# errors = ["TypeError: Adam.__init__() got an unexpected keyword argument 'learning_rate'",
#   "ValueError: optimizer got an empty parameter list"]
# apis = ["torch.optim.Adam"]
# why = """Adam divides each step by the gradient's own size, so 1e-3 is a sound first learning rate for most networks.
# It is built from the finished model: the optimiser keeps the tensors it is given, not the module."""
# pitfalls = """Its weight_decay is added to the gradient and then scaled away with it; AdamW decays the weights
# themselves."""
# when_not = "With weight decay: use AdamW."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the new head did not train"
# ///
"""Adam over the trainable parameters of a model (arXiv 1412.6980)."""

from torch import nn
from torch.optim import Adam, Optimizer


def build_optimizer(model: nn.Module, *, learning_rate: float, weight_decay: float) -> Optimizer:
    """Adam; weight_decay is the coefficient of an L2 penalty that is added to the gradient."""
    trainable = (parameter for parameter in model.parameters() if parameter.requires_grad)
    return Adam(trainable, lr=learning_rate, weight_decay=weight_decay)


if __name__ == "__main__":
    import torch

    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    features = torch.randn(64, 3)
    targets = features.sum(dim=1, keepdim=True)  # (64, 1)
    optimizer = build_optimizer(model, learning_rate=0.05, weight_decay=0.0)
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0], losses

    model.bias.requires_grad_(False)
    assert len(build_optimizer(model, learning_rate=0.05, weight_decay=0.0).param_groups[0]["params"]) == 1
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.5f}")
