# /// pattern
# id = "pt.generation.gan"
# topic = "generation.gan"
# twin = "tf.generation.gan"
# questions = [
#   "GAN training loop in pytorch",
#   "generator and discriminator with two optimizers",
#   "why detach the fake images in a GAN",
#   "Trying to backward through the graph a second time gan",
#   "non-saturating gan loss with logits",
#   "discriminator loss goes to zero, mode collapse",
#   "generative adversarial netwrok torch",
# ]
# errors = ["RuntimeError: Trying to backward through the graph a second time"]
# apis = ["torch.Tensor.detach", "torch.nn.functional.binary_cross_entropy_with_logits", "torch.optim.Adam"]
# replaces = ["torch.autograd.Variable", "retain_graph=True"]
# why = """The discriminator learns on detached fakes: its step then neither runs back through the generator nor frees
# the generator's graph. The generator then asks to be called real, through the new discriminator. Two optimisers, each
# with the parameters of one network."""
# pitfalls = """The generator's step leaves gradients in the discriminator: zero them before its own step. Losses do not
# fall when all is well; look at samples. betas=(0.5, 0.999) is what GANs are mostly trained with."""
# when_not = "Nothing forces the adversary: a VAE or diffusion trains without a balance to keep."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Trying to backward through the graph a second time"
# ///
"""A GAN on points of a circle: alternating steps of discriminator and generator."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def network(in_dim: int, out_dim: int) -> nn.Sequential:
    """Two hidden layers, (N, in_dim) to (N, out_dim)."""
    hidden = [nn.Linear(64, 64), nn.LeakyReLU(0.2)]
    return nn.Sequential(nn.Linear(in_dim, 64), nn.LeakyReLU(0.2), *hidden, nn.Linear(64, out_dim))


def real_points(count: int) -> torch.Tensor:
    """(count, 2) on a circle of radius 2 around (0, 0), with a little noise."""
    angle = 2 * math.pi * torch.rand(count)
    return 2 * torch.stack([angle.cos(), angle.sin()], dim=1) + 0.05 * torch.randn(count, 2)


def adversarial_loss(logits: torch.Tensor, *, real: bool) -> torch.Tensor:
    """How far the discriminator (N, 1) is from saying `real` of all of them."""
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


if __name__ == "__main__":
    torch.manual_seed(0)
    generator, discriminator = network(4, 2), network(2, 1)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    for number in range(800):
        real, fake = real_points(128), generator(torch.randn(128, 4))

        d_optimizer.zero_grad()  # also of what the generator's step has left here
        d_loss = adversarial_loss(discriminator(real), real=True)
        d_loss = d_loss + adversarial_loss(discriminator(fake.detach()), real=False)
        d_loss.backward()
        if number == 0:
            assert all(parameter.grad is None for parameter in generator.parameters())
        d_optimizer.step()

        g_optimizer.zero_grad()
        g_loss = adversarial_loss(discriminator(fake), real=True)  # the same fakes, their graph still whole
        g_loss.backward()
        g_optimizer.step()

    with torch.no_grad():
        made = generator(torch.randn(2000, 4))
    radius = made.norm(dim=1)
    share = torch.histc(torch.atan2(made[:, 1], made[:, 0]), bins=8, min=-math.pi, max=math.pi) / 2000
    print(
        f"radius {radius.mean():.2f} +- {radius.std():.2f}, share of each eighth {share.min():.2f} to {share.max():.2f}"
    )
    assert abs(radius.mean() - 2) < 0.25 and radius.std() < 0.4
    assert share.min() > 0.02  # all of the circle, no collapse to one place
