# /// pattern
# id = "pt.migration.reduction"
# topic = "migration.losses"
# twin = "tf.migration.reduction"
# questions = [
#   "size_average deprecated use reduction instead",
#   "size_average and reduce args will be deprecated",
#   "loss for each sample without averaging pytorch",
#   "what is reduce=False now",
#   "per sample loss pytorch",
#   "size_avarage=False torch loss",
# ]
# errors = [
#   "UserWarning: size_average and reduce args will be deprecated, please use reduction='sum' instead.",
# ]
# apis = ["torch.nn.MSELoss"]
# replaces = ["size_average=", "reduce=False", "reduce=True", "torch.nn.NLLLoss2d"]
# why = """One argument says what two said: reduction="mean", "sum" or "none". size_average=False became "sum",
# reduce=False became "none"; the old pair still works and warns."""
# pitfalls = """reduce=False wins over size_average. With class weights "mean" divides by the sum of the weights, not by
# the number of samples."""
# when_not = "The mean over the batch is what you want: it is the default, say nothing."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: size_average and reduce args will be deprecated"
# ///
"""What a loss does with its batch: reduction, in place of size_average and reduce."""

import torch
from torch import nn


def hardest(logits: torch.Tensor, targets: torch.Tensor, *, keep: int) -> torch.Tensor:
    """Mean loss, a scalar, of the `keep` samples of (N, C) logits with the largest cross entropy."""
    losses = nn.functional.cross_entropy(logits, targets, reduction="none")  # (N,); reduce=False
    return losses.topk(keep).values.mean()


if __name__ == "__main__":
    errors = torch.tensor([1.0, 2.0, 3.0])
    zeros = torch.zeros(3)
    assert nn.MSELoss(reduction="sum")(errors, zeros).item() == 14.0  # size_average=False
    assert abs(nn.MSELoss(reduction="mean")(errors, zeros).item() - 14 / 3) < 1e-6  # size_average=True
    assert nn.MSELoss(reduction="none")(errors, zeros).tolist() == [1.0, 4.0, 9.0]

    logits = torch.tensor([[9.0, 0.0], [0.0, 9.0], [0.0, 0.0]], requires_grad=True)
    targets = torch.tensor([0, 0, 0])  # sure and right, sure and wrong, undecided
    loss = hardest(logits, targets, keep=1)
    loss.backward()
    assert abs(loss.item() - 9.0) < 1e-3 and logits.grad[[0, 2]].abs().max() == 0
    print(f"loss of the hardest sample {loss.item():.3f}")
