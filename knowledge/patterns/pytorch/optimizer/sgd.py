# /// pattern
# id = "pt.optimizer.sgd"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "sgd"
# entry = "build_optimizer"
# twin = "tf.optimizer.sgd"
# questions = [
#   "sgd with momentum pytorch",
#   "nesterov momentum torch.optim.SGD",
#   "which learning rate for sgd",
#   "stochastic gradient descent with weight decay",
#   "sgd optimizer for resnet",
#   "sgd momentm torch",
# ]
# errors = ["Nesterov momentum requires a momentum and zero dampening"]
# apis = ["torch.optim.SGD"]
# why = """Plain gradient steps zigzag across narrow valleys; momentum 0.9 averages the last ten or so and Nesterov's
# form looks ahead. Rates are some ten to a hundred times those of Adam: 0.1 to 0.01."""
# pitfalls = "SGD scales with the loss: sum instead of mean over the batch multiplies the step by the batch size."
# when_not = "Transformers, or little time to tune the learning rate: AdamW."
# checks = ["runs", "no_deprecation_warning", "trains"]
# ///
"""SGD with Nesterov momentum and weight decay on weight matrices and kernels only."""

from torch import nn
from torch.optim import SGD, Optimizer


def build_optimizer(model: nn.Module, *, learning_rate: float, weight_decay: float) -> Optimizer:
    """SGD in two groups: tensors of two or more dimensions decay; biases and normalisations do not."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trainable if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trainable if parameter.ndim < 2], "weight_decay": 0.0},
    ]
    return SGD(groups, lr=learning_rate, momentum=0.9, nesterov=True)


if __name__ == "__main__":
    import torch

    torch.manual_seed(0)
    features = torch.randn(64, 2) * torch.tensor([1.0, 0.1])  # a narrow valley: one feature is ten times the other
    targets = features.sum(dim=1, keepdim=True)  # (64, 1)

    def train(momentum: float) -> float:
        model = nn.Linear(2, 1, bias=False)
        nn.init.zeros_(model.weight)
        optimizer = build_optimizer(model, learning_rate=0.1, weight_decay=0.0)
        for group in optimizer.param_groups:
            group.update(momentum=momentum, nesterov=momentum > 0)
        for _ in range(100):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(features), targets)
            loss.backward()
            optimizer.step()
        return loss.item()

    without, with_momentum = train(0.0), train(0.9)
    assert with_momentum < 0.1 * without
    print(f"loss after 100 steps: {without:.2e} without momentum, {with_momentum:.2e} with it")
