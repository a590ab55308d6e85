# /// pattern
# id = "pt.compression.fake-quantisation"
# topic = "compression.quantisation"
# questions = [
#   "quantization aware training pytorch from scratch",
#   "fake quantize with straight-through estimator",
#   "round has zero gradient, how to train through quantization",
#   "int4 or int8 weights keep accuracy",
#   "torch.ao.quantization is deprecated",
#   "prepare_qat replacement",
#   "per channel or per tensor weight quantization",
#   "quantisation aware traning ste",
# ]
# errors = ["DeprecationWarning: torch.ao.quantization is deprecated and will be removed in 2.10."]
# apis = ["torch.Tensor.detach", "torch.Tensor.round", "torch.nn.utils.parametrize.register_parametrization"]
# replaces = ["torch.ao.quantization.prepare_qat", "torch.quantization.prepare_qat",
#   "torch.quantization.quantize_dynamic", "torch.quantization.QuantStub"]
# why = """Rounding has the gradient zero, and nothing would learn. The straight-through estimator rounds in the forward
# pass and passes the gradient on as if it had not: w + (round(w) - w).detach(). The network then learns weights that
# survive the rounding. As a parametrization it needs no other layer class, and removing it leaves rounded weights."""
# pitfalls = """Start from trained float weights and a small rate. One scale for each output channel: one large weight
# would spoil a scale for all. 8 bits rarely need this; it pays from 4 bits down."""
# when_not = """Int8 weights of a finished model: round them (weight-only), or torchao's quantize_, which has the
# kernels."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: no gradient came through the rounding"
# ///
"""Quantisation-aware training by hand: weights on a grid of 2 bits, a gradient that passes straight through."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.utils import parametrize


class RoundedWeight(nn.Module):
    """A weight (O, I), rounded to 2**bits - 1 levels around zero, with a scale for each output."""

    def __init__(self, bits: int) -> None:
        super().__init__()
        self.limit = 2 ** (bits - 1) - 1

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        scale = weight.detach().abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / self.limit  # (O, 1)
        rounded = (weight / scale).round() * scale
        return weight + (rounded - weight).detach()  # forward: rounded; backward: as if it were weight


def quantise(model: nn.Module, *, bits: int) -> None:
    """Let all linear layers compute with rounded weights, also in training."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            parametrize.register_parametrization(layer, "weight", RoundedWeight(bits))


def train_model(model: nn.Module, x: torch.Tensor, y: torch.Tensor, *, steps: int, rate: float) -> None:
    """Adam on all rows."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))

    @torch.no_grad()
    def accuracy() -> float:
        return (model(x[500:]).argmax(dim=1) == y[500:]).double().mean().item()

    train_model(model, x[:500], y[:500], steps=100, rate=0.01)
    scores = [accuracy()]
    quantise(model, bits=2)  # levels -1, 0 and 1 times the scale
    scores.append(accuracy())
    train_model(model, x[:500], y[:500], steps=100, rate=0.002)
    scores.append(accuracy())
    print("float {:.2f}, rounded to 2 bits {:.2f}, trained on {:.2f}".format(*scores))
    assert scores[1] < scores[0] - 0.1 and scores[2] > scores[1] + 0.1

    weight = model[0].weight
    levels = weight / weight.abs().amax(dim=1, keepdim=True)
    assert all(torch.isclose(levels.abs(), torch.tensor(level)).sum() for level in (0.0, 1.0))
    assert (levels - levels.round()).abs().max() < 1e-5  # nothing between the levels
    before = model(x[:5])
    for layer in (model[0], model[2]):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
    torch.testing.assert_close(model(x[:5]), before)  # ordinary layers, rounded weights
