# /// pattern
# id = "pt.debugging.best-weights"
# topic = "debugging.memory"
# questions = [
#   "best model weights equal the last weights",
#   "state_dict changes after I saved it in a variable",
#   "keep the best weights in memory pytorch",
#   "best_model is the same as the last model",
#   "deepcopy state_dict or clone",
#   "tensors in my list all have the same values",
#   "view or copy, do two tensors share memory",
#   "best wieghts overwritten torch",
# ]
# apis = ["torch.nn.Module.state_dict", "torch.Tensor.clone", "torch.Tensor.untyped_storage"]
# replaces = ["best = model.state_dict()", "best_model = model"]
# why = """state_dict() hands out the parameters themselves, and the optimizer writes into them: the "best" weights are
# always the latest. A clone is a snapshot. Views, expand, detach, numpy() and from_numpy share memory in the same
# way."""
# pitfalls = """load_state_dict copies into the model, so the snapshot stays good. BatchNorm's running statistics are
# part of the state: a copy of parameters() alone leaves them out."""
# when_not = "The run may be interrupted: write the best weights to a file."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the best weights were written over"
# ///
"""A snapshot of the best weights that training does not write over."""

import torch
from torch import nn


class BestWeights:
    """Keeps a copy of the model's state at its lowest loss, on the CPU."""

    def __init__(self) -> None:
        self.loss = float("inf")
        self.state: dict[str, torch.Tensor] = {}

    def update(self, model: nn.Module, loss: float) -> bool:
        """Take a snapshot where the loss is the lowest so far; whether it was."""
        if loss >= self.loss:
            return False
        self.loss = loss
        self.state = {name: value.detach().to("cpu", copy=True) for name, value in model.state_dict().items()}
        return True

    def restore(self, model: nn.Module) -> None:
        """Put the best state back, on the device the model is on."""
        model.load_state_dict(self.state)


def share_memory(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether writing into one may change the other."""
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    features = torch.randn(32, 3)
    best, seen = BestWeights(), {}
    for epoch, validation_loss in enumerate([3.0, 1.0, 2.0, 4.0]):  # the second is the best
        if best.update(model, validation_loss):
            seen[epoch] = model.eval()(features).detach()
        model.train()(features).square().mean().backward()
        optimizer.step()
    assert list(seen) == [0, 1] and best.loss == 1.0
    assert not model.eval()(features).allclose(seen[1])
    best.restore(model)
    torch.testing.assert_close(model(features), seen[1])

    x = torch.zeros(2, 3)
    sharing = [x[0], x.T, x.view(6), x.detach(), x.expand(4, 2, 3), torch.from_numpy(x.numpy()), x.contiguous()]
    copies = [x.clone(), x + 0, x[[0]], x.T.contiguous(), torch.tensor(x.numpy())]
    assert all(share_memory(x, other) for other in sharing)
    assert not any(share_memory(x, other) for other in copies)
    print(f"restored the state of epoch {list(seen)[-1]}")
