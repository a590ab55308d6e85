# /// pattern
# id = "pt.debugging.overfit-one-batch"
# topic = "debugging.training"
# twin = "tf.debugging.overfit-one-batch"
# questions = [
#   "model cannot even memorise a few samples",
#   "overfit a single batch as a sanity check pytorch",
#   "my network does not learn anything",
#   "loss does not decrease, how to find the bug",
#   "what should the loss be at the start",
#   "optimizer has no effect on the model",
#   "check that the training code works before the long run",
#   "netwrok not learning torch",
# ]
# apis = ["torch.optim.Adam", "torch.nn.Module.train", "torch.nn.functional.cross_entropy"]
# why = """Any network that is big enough can learn one small batch by heart. If it cannot, the fault is in the code
# and not in the data's difficulty: labels that do not belong to the inputs, parameters the optimizer does not have, a
# graph that is cut. The first loss tells too: log K for K classes when nothing is known yet."""
# pitfalls = """Dropout and weight decay can keep the loss up: switch them off for this check. A batch of 8 to 32 is
# enough."""
# when_not = "As a substitute for validation: it says that training works, not that it generalises."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: cannot learn even one batch"
# ///
"""Can this model learn one batch by heart? Ask before the long run."""

import copy
import math

import torch
from torch import nn
from torch.nn import functional as F


def overfit_one_batch(
    model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, *, steps: int = 200, lr: float = 1e-2
) -> tuple[float, float]:
    """First and last cross entropy of a copy of the model trained on this batch alone; the model is left as it is."""
    model = copy.deepcopy(model).train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[0], losses[-1]


if __name__ == "__main__":
    torch.manual_seed(0)
    classes = 10
    inputs, labels = torch.randn(16, 1, 12, 12), torch.randint(0, classes, (16,))  # noise: nothing to generalise from
    features = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(800, 64))  # (16, 64)
    model = nn.Sequential(features, nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, classes))
    before = copy.deepcopy(model.state_dict())
    first, last = overfit_one_batch(model, inputs, labels)
    assert abs(first - math.log(classes)) < 0.3, "the first loss should be that of a guess"
    assert last < 0.01, "the batch could not be learnt: look for a fault in the code"
    assert all(before[name].equal(value) for name, value in model.state_dict().items())

    cut = copy.deepcopy(model)
    cut[1].register_forward_hook(lambda _, __, output: torch.zeros_like(output))  # the features get lost
    assert overfit_one_batch(cut, inputs, labels)[1] > 1
    print(f"loss {first:.2f} (log {classes} is {math.log(classes):.2f}) -> {last:.4f}")
