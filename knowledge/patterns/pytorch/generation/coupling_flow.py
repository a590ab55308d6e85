# /// pattern
# id = "pt.generation.coupling-flow"
# topic = "generation.flow"
# questions = [
#   "normalizing flow in pytorch",
#   "RealNVP affine coupling layer",
#   "invertible network with log determinant of the jacobian",
#   "exact log likelihood of samples with a flow",
#   "density estimation with a neural network",
#   "log_det sign in a normalizing flow",
#   "normalising flow coupling layr",
# ]
# apis = ["torch.autograd.functional.jacobian", "torch.Tensor.chunk"]
# replaces = ["torch.distributions.transforms", "nflows", "glow"]
# why = """One half of the numbers is scaled and moved by amounts that a network reads from the other half: undone by
# the same amounts, whatever the network (arXiv 1605.08803). The log determinant is the sum of the log scales, so the
# likelihood is exact: that of the code plus log |det| of the way there."""
# pitfalls = """A half stays as it is: swap halves between layers. Bound the log scale (tanh), or it explodes. The sign
# of the determinant belongs to the direction data -> code."""
# when_not = "Only samples matter: diffusion is better at images. Codes of fewer dimensions: a VAE."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the density does not sum to 1"
# ///
"""A normalising flow of affine coupling layers: exact likelihood, exact inverse, samples."""

import math

import torch
from torch import nn


class Coupling(nn.Module):
    """(N, D) to (N, D), D even: the second half is scaled and moved by what the first half says."""

    def __init__(self, dim: int, *, width: int = 32) -> None:
        super().__init__()
        self.network = nn.Sequential(nn.Linear(dim // 2, width), nn.Tanh(), nn.Linear(width, dim))
        nn.init.zeros_(self.network[-1].weight)
        nn.init.zeros_(self.network[-1].bias)  # it begins as the identity

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Also log |det| of the Jacobian (N,); halves come out swapped."""
        first, second = x.chunk(2, dim=1)
        log_scale, shift = self.network(first).chunk(2, dim=1)
        log_scale = 2 * torch.tanh(log_scale)
        return torch.cat([second * log_scale.exp() + shift, first], dim=1), log_scale.sum(dim=1)

    def inverse(self, y: torch.Tensor) -> torch.Tensor:
        second, first = y.chunk(2, dim=1)
        log_scale, shift = self.network(first).chunk(2, dim=1)
        return torch.cat([first, (second - shift) * torch.exp(-2 * torch.tanh(log_scale))], dim=1)


class Flow(nn.Module):
    """Data (N, D) to standard normal codes (N, D), and back."""

    def __init__(self, dim: int, *, layers: int = 6) -> None:
        super().__init__()
        self.dim = dim
        self.layers = nn.ModuleList(Coupling(dim) for _ in range(layers))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        log_det = x.new_zeros(len(x))
        for layer in self.layers:
            x, change = layer(x)
            log_det = log_det + change
        return x, log_det

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        for layer in reversed(self.layers):
            code = layer.inverse(code)
        return code

    def log_prob(self, x: torch.Tensor) -> torch.Tensor:
        """Nats (N,)."""
        code, log_det = self.encode(x)
        return -0.5 * (code.square().sum(dim=1) + self.dim * math.log(2 * math.pi)) + log_det


if __name__ == "__main__":
    torch.manual_seed(0)
    u = torch.randn(2000, 2)
    data = torch.stack([u[:, 0], u[:, 0].square() - 1 + 0.3 * u[:, 1]], dim=1)  # a banana
    flow = Flow(2)
    optimizer = torch.optim.Adam(flow.parameters(), lr=5e-3)
    losses = []
    for _ in range(300):
        optimizer.zero_grad()
        loss = -flow.log_prob(data[torch.randint(2000, (256,))]).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.5

    with torch.no_grad():
        code, log_det = flow.encode(data[:5])
        torch.testing.assert_close(flow.decode(code), data[:5], atol=1e-3, rtol=1e-3)
    jacobian = torch.autograd.functional.jacobian(lambda x: flow.encode(x)[0], data[:1])[0, :, 0]  # (2, 2)
    torch.testing.assert_close(torch.linalg.slogdet(jacobian).logabsdet, log_det[0], atol=1e-3, rtol=1e-3)

    with torch.no_grad():
        axis = torch.linspace(-8, 16, 481)
        grid = torch.cartesian_prod(axis, axis)
        mass = flow.log_prob(grid).exp().sum().item() * 0.05**2
        made = flow.decode(torch.randn(2000, 2))
    exact = math.log(2 * math.pi) + 1 + math.log(0.3)  # entropy of the banana: what no model can go below
    print(f"{losses[-1]:.2f} nats, the best possible {exact:.2f}; the density sums to {mass:.3f}")
    assert abs(mass - 1) < 0.03 and losses[-1] < exact + 0.4
    assert (made[:, 1] - made[:, 0].square() + 1).abs().median() < 0.4  # samples lie on the banana
