# /// pattern
# id = "pt.loop.gradient-accumulation"
# topic = "train.loop"
# twin = "tf.loop.gradient-accumulation"
# questions = [
#   "gradient accumulation in pytorch",
#   "large batch does not fit in gpu memory",
#   "effective batch size with several backward calls",
#   "accumulate gradients over mini batches torch",
#   "divide the loss by the accumulation steps",
#   "gradiant accumulation last batch",
# ]
# errors = ["CUDA out of memory"]
# apis = ["torch.Tensor.backward", "torch.optim.Optimizer.zero_grad"]
# why = """backward adds to the gradients, so several small batches before one step give the gradient of a large one,
# in the memory of a small one. Weighting by samples makes it exact though the last piece is smaller."""
# pitfalls = "Without the division the gradient, and with SGD the step, grows with the number of pieces."
# when_not = "Models with BatchNorm: its statistics remain those of the small batches."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the gradient grew with the number of pieces"
# ///
"""One optimiser step from several small batches, equal to the step from one large batch."""

import torch
from torch import nn


def backward_in_pieces(
    model: nn.Module, criterion: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, *, piece_size: int
) -> float:
    """Leave in .grad what one backward over the whole batch (N, ...) would, and return its mean loss."""
    total = 0.0
    for piece, truth in zip(inputs.split(piece_size), targets.split(piece_size), strict=True):
        loss = criterion(model(piece), truth) * len(piece) / len(inputs)
        loss.backward()
        total += loss.item()
    return total


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    criterion = nn.CrossEntropyLoss()
    inputs, targets = torch.randn(50, 4), torch.randint(0, 3, (50,))

    loss = criterion(model(inputs), targets)
    loss.backward()
    whole = [parameter.grad.clone() for parameter in model.parameters()]

    model.zero_grad()
    total = backward_in_pieces(model, criterion, inputs, targets, piece_size=16)  # 16, 16, 16 and 2
    for parameter, gradient in zip(model.parameters(), whole, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)
    assert abs(total - loss.item()) < 1e-5
    print(f"loss {total:.4f}, gradients equal to those of one batch of 50")
