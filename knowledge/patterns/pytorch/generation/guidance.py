# /// pattern
# id = "pt.generation.guidance"
# topic = "generation.diffusion"
# questions = [
#   "classifier-free guidance in pytorch",
#   "conditional diffusion with a class label",
#   "guidance scale, drop the condition during training",
#   "how does cfg scale work",
#   "train conditional and unconditional diffusion in one model",
#   "diffusion model ignores the class label",
#   "clasifier free guidence",
# ]
# apis = ["torch.nn.Embedding", "torch.where"]
# replaces = ["diffusers guidance_scale", "classifier guidance"]
# why = """In training one label in ten is replaced by "none", so that one network learns both noises, with and without
# the label (arXiv 2207.12598). Sampling goes from the one without past the one with it: none + scale * (with - none).
# Scale 0 ignores the label, 1 is the plain conditional model, above it samples are more typical and less varied."""
# pitfalls = """"none" is a class of its own, not class 0. Each step costs two passes: put both into one batch. Too high
# a scale drives samples out of the data."""
# when_not = "No label or text to follow: plain DDPM."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: without a label"
# ///
"""Classifier-free guidance: one diffusion model with and without a label, and samples that follow it."""

import torch
from torch import nn
from torch.nn import functional as F

STEPS, CLASSES = 30, 3
NONE = CLASSES
"""The label of those who have none."""
BETAS = torch.linspace(1e-3, 0.3, STEPS)
ALPHA_BAR = (1 - BETAS).cumprod(dim=0)


class NoisePredictor(nn.Module):
    """Noisy points (N, 2), steps (N,) and labels (N,) to the noise in them (N, 2)."""

    def __init__(self, *, width: int = 64) -> None:
        super().__init__()
        self.time, self.label = nn.Embedding(STEPS, width), nn.Embedding(CLASSES + 1, width)
        self.enter = nn.Linear(2, width)
        self.body = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2))

    def forward(self, x: torch.Tensor, t: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.body(self.enter(x) + self.time(t) + self.label(labels))


def guided_noise(
    model: nn.Module, x: torch.Tensor, t: torch.Tensor, labels: torch.Tensor, *, scale: float
) -> torch.Tensor:
    """(N, 2); both passes in one batch."""
    both = model(x.repeat(2, 1), t.repeat(2), torch.cat([torch.full_like(labels, NONE), labels]))
    without, with_label = both.chunk(2)
    return without + scale * (with_label - without)


@torch.no_grad()
def sample(model: nn.Module, labels: torch.Tensor, *, scale: float) -> torch.Tensor:
    """New points (N, 2) for labels (N,), from noise."""
    x = torch.randn(len(labels), 2)
    for t in reversed(range(STEPS)):
        noise = guided_noise(model, x, torch.full_like(labels, t), labels, scale=scale)
        x = (x - BETAS[t] / (1 - ALPHA_BAR[t]).sqrt() * noise) / (1 - BETAS[t]).sqrt()
        if t > 0:
            x = x + BETAS[t].sqrt() * torch.randn_like(x)
    return x


if __name__ == "__main__":
    torch.manual_seed(0)
    centres = torch.tensor([[1.2, 0.0], [-0.6, 1.0], [-0.6, -1.0]])
    classes = torch.randint(CLASSES, (6000,))
    data = centres[classes] + 0.5 * torch.randn(6000, 2)  # clouds that overlap
    model = NoisePredictor()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(600):
        rows, t = torch.randint(6000, (256,)), torch.randint(STEPS, (256,))
        noise, kept = torch.randn(256, 2), ALPHA_BAR[t, None]
        labels = torch.where(torch.rand(256) < 0.1, NONE, classes[rows])  # one in ten has none
        optimizer.zero_grad()
        loss = F.mse_loss(model(kept.sqrt() * data[rows] + (1 - kept).sqrt() * noise, t, labels), noise)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-20:]) < 0.8 * sum(losses[:20])

    x, t, labels = torch.randn(50, 2), torch.full((50,), 7), torch.arange(50) % CLASSES
    plain, none = model(x, t, labels), model(x, t, torch.full_like(labels, NONE))
    torch.testing.assert_close(guided_noise(model, x, t, labels, scale=1.0), plain)
    torch.testing.assert_close(guided_noise(model, x, t, labels, scale=0.0), none)

    wanted = torch.arange(1500) % CLASSES
    followed, spread = {}, {}
    for scale in (0.0, 1.0, 3.0):
        made = sample(model, wanted, scale=scale)
        followed[scale] = (torch.cdist(made, centres).argmin(dim=1) == wanted).float().mean().item()
        spread[scale] = made[wanted == 0].std(dim=0).mean().item()
        print(f"scale {scale}: {followed[scale]:.0%} nearest to their own class, spread {spread[scale]:.2f}")
    assert abs(followed[0.0] - 1 / 3) < 0.08  # without guidance the label says nothing
    assert followed[1.0] > 0.75 and followed[3.0] > followed[1.0] and spread[3.0] < spread[1.0]
