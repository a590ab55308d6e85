# /// pattern
# id = "pt.model.ensemble"
# topic = "model.ensemble"
# twin = "tf.model.ensemble"
# questions = [
#   "ensemble of several neural networks pytorch",
#   "average the predictions of models",
#   "run many models at once with vmap",
#   "stack_module_state functional_call ensemble",
#   "average logits or probabilities in an ensemble",
#   "can I average the weights of two trained networks",
#   "ensamble of nets torch",
# ]
# apis = ["torch.func.stack_module_state", "torch.func.functional_call", "torch.func.vmap", "torch.softmax"]
# replaces = ["functorch.combine_state_for_ensemble", "torch.nn.utils.stateless.functional_call",
#   "mean of the state_dicts"]
# why = """Members differ by their seeds; the mean of their probabilities has a cross entropy that is never above the
# mean of theirs (Jensen's inequality), and usually well below, as where they err they err differently. Their stacked
# weights run as one call under vmap. Weights of networks trained apart must not be averaged: their units stand in other
# orders."""
# pitfalls = """Average probabilities, not arg-maxes. Members of other architectures cannot be stacked: loop. Dropout in
# train mode under vmap needs randomness="different"."""
# when_not = """One model must do: distil the ensemble into it. Weights along one training may be averaged: SWA, EMA."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the averaged weights"
# ///
"""An ensemble: the mean of the members' probabilities, all members computed in one call."""

import copy

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F


def train_member(x: torch.Tensor, y: torch.Tensor, *, seed: int) -> nn.Module:
    """A small network for 64 features, from its own seed."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model.eval()


class Ensemble:
    """Members of one architecture, stacked; called with (B, ...) it gives probabilities (members, B, classes)."""

    def __init__(self, members: list[nn.Module]) -> None:
        self.parameters, self.buffers = stack_module_state(members)
        self.skeleton = copy.deepcopy(members[0]).to("meta")  # the computation without weights

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        def member(parameters: dict, buffers: dict, x: torch.Tensor) -> torch.Tensor:
            return functional_call(self.skeleton, (parameters, buffers), (x,)).softmax(dim=-1)

        with torch.inference_mode():
            return vmap(member, in_dims=(0, 0, None))(self.parameters, self.buffers, x)


if __name__ == "__main__":
    data, target = load_digits(return_X_y=True)
    x, y = torch.tensor(data / 16, dtype=torch.float32), torch.tensor(target)
    members = [train_member(x[:600], y[:600], seed=seed) for seed in range(5)]

    probabilities = Ensemble(members)(x[600:])  # (5, 1197, 10)
    with torch.inference_mode():
        looped = torch.stack([member(x[600:]).softmax(dim=-1) for member in members])
    torch.testing.assert_close(probabilities, looped)

    def score(probabilities: torch.Tensor) -> tuple[float, float]:
        """Cross entropy and accuracy of (B, 10)."""
        loss = F.nll_loss(probabilities.log(), y[600:])
        return loss.item(), (probabilities.argmax(dim=1) == y[600:]).float().mean().item()

    alone = torch.tensor([score(member) for member in probabilities])  # (5, 2)
    loss, accuracy = score(probabilities.mean(dim=0))
    print(
        f"alone: loss {alone[:, 0].mean():.3f}, accuracy {alone[:, 1].mean():.3f}; together {loss:.3f}, {accuracy:.3f}"
    )
    assert loss < alone[:, 0].mean() and accuracy > alone[:, 1].mean()
