# /// pattern
# id = "pt.generation.wgan-gp"
# topic = "generation.gan"
# twin = "tf.generation.wgan-gp"
# questions = [
#   "WGAN gradient penalty in pytorch",
#   "gradient penalty with create_graph",
#   "wasserstein gan critic loss",
#   "torch.autograd.grad of the critic with respect to interpolated samples",
#   "element 0 of tensors does not require grad in gradient penalty",
#   "lipschitz constraint for a gan critic",
#   "wgan-gp gradiant penalty torch",
# ]
# errors = ["RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn"]
# apis = ["torch.autograd.grad", "torch.lerp", "torch.Tensor.requires_grad_"]
# replaces = ["torch.autograd.Variable", "weight clipping of WGAN"]
# why = """The critic's slope is held at 1 between real and generated points: (norm of its input gradient - 1)^2 (arXiv
# 1704.00028). The penalty is trained through that gradient, so it needs a graph of its own: create_graph=True. The gap
# of the means then measures how far the two sets are apart."""
# pitfalls = """One gradient for each sample, norm over all but the batch dimension. Batch normalisation in the critic
# mixes samples: take layer normalisation. Some five critic steps for each of the generator's. The penalty is soft: the
# gap comes out too large by distance^2 / (2 * weight)."""
# when_not = "A plain GAN with spectral normalisation is cheaper: no second derivative."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn"
# ///
"""The gradient penalty of WGAN-GP, and a critic that measures the distance of two sets of points."""

import torch
from torch import nn


def gradient_penalty(critic: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Mean of (norm of the critic's slope - 1)^2 at random points between real and fake (N, ...)."""
    share = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)  # (N, 1, ...)
    between = torch.lerp(fake.detach(), real, share).requires_grad_()
    (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)  # (N, ...)
    return (slopes.flatten(1).norm(dim=1) - 1).square().mean()


def critic_loss(critic: nn.Module, real: torch.Tensor, fake: torch.Tensor, *, weight: float = 10.0) -> torch.Tensor:
    """To fall: generated points low, real ones high, slope 1."""
    fake = fake.detach()
    return critic(fake).mean() - critic(real).mean() + weight * gradient_penalty(critic, real, fake)


if __name__ == "__main__":
    torch.manual_seed(0)
    linear = nn.Linear(3, 1)
    penalty = gradient_penalty(linear, torch.randn(8, 3), torch.randn(8, 3))
    torch.testing.assert_close(penalty, (linear.weight.norm() - 1).square())  # its slope is its weight, everywhere
    penalty.backward()
    direction = linear.weight / linear.weight.norm()
    torch.testing.assert_close(linear.weight.grad, 2 * (linear.weight.norm() - 1) * direction)

    critic = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(critic.parameters(), lr=3e-3, betas=(0.5, 0.9))
    real, fake = torch.randn(512, 2) + torch.tensor([3.0, 4.0]), torch.randn(512, 2)  # one cloud moved by 5
    for _ in range(300):
        rows, others = torch.randint(512, (2, 128))
        optimizer.zero_grad()
        critic_loss(critic, real[rows], fake[others]).backward()
        optimizer.step()
    with torch.no_grad():
        gap = (critic(real).mean() - critic(fake).mean()).item()
    steepness = gradient_penalty(critic, real, fake).item()
    slope = 1 + 5 / (2 * 10)  # where 5 * slope - 10 * (slope - 1)^2 is highest
    print(f"gap {gap:.2f}, by theory {5 * slope}; penalty {steepness:.3f}, by theory {(slope - 1) ** 2:.3f}")
    assert abs(gap - 5 * slope) < 0.8 and abs(steepness - (slope - 1) ** 2) < 0.05
