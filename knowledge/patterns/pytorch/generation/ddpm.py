# /// pattern
# id = "pt.generation.ddpm"
# topic = "generation.diffusion"
# twin = "tf.generation.ddpm"
# questions = [
#   "diffusion model from scratch in pytorch",
#   "DDPM training and sampling loop",
#   "predict the noise, add noise at time t",
#   "alpha bar beta schedule diffusion",
#   "diffusion samples are noise or far away from the data",
#   "how to sample from a trained ddpm",
#   "denoising difusion model torch",
# ]
# apis = ["torch.cumprod", "torch.randn_like", "torch.nn.functional.mse_loss", "torch.linspace"]
# replaces = ["diffusers.DDPMScheduler", "denoising_diffusion_pytorch"]
# why = """Data at step t is sqrt(abar) * x + sqrt(1 - abar) * noise, in one jump; the network learns to tell that noise
# (arXiv 2006.11239). Sampling begins at pure noise and takes off a little of what is predicted, step by step, adding
# fresh noise but for the last step."""
# pitfalls = """abar must be near 0 at the last step, since sampling begins at pure noise: betas meant for 1,000 steps
# leave most of the signal after 50. Scale data to about unit size."""
# when_not = "Few samples at high speed: a GAN, or distil the diffusion into few steps."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: at the last step"
# ///
"""Denoising diffusion (DDPM) on points in the plane: add noise in one jump, learn it, take it off step by step."""

import torch
from torch import nn
from torch.nn import functional as F


class Schedule:
    """Betas (steps,), their alphas, and the share of the signal's variance that is left, alpha_bar (steps,)."""

    def __init__(self, steps: int, *, first: float = 1e-3, last: float = 0.2) -> None:
        self.betas = torch.linspace(first, last, steps)
        self.alphas = 1 - self.betas
        self.alpha_bar = self.alphas.cumprod(dim=0)

    def add_noise(self, x: torch.Tensor, t: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Data (N, D) at steps t (N,) in one jump."""
        kept = self.alpha_bar[t, None]  # (N, 1)
        return kept.sqrt() * x + (1 - kept).sqrt() * noise


class NoisePredictor(nn.Module):
    """Noisy points (N, 2) and steps (N,) to the noise in them (N, 2)."""

    def __init__(self, steps: int, *, width: int = 64) -> None:
        super().__init__()
        self.time = nn.Embedding(steps, width)
        self.enter = nn.Linear(2, width)
        self.body = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2))

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.body(self.enter(x) + self.time(t))


@torch.no_grad()
def sample(model: nn.Module, schedule: Schedule, count: int) -> torch.Tensor:
    """New points (count, 2), from noise."""
    x = torch.randn(count, 2)
    for t in reversed(range(len(schedule.betas))):
        predicted = model(x, torch.full((count,), t))
        x = (x - schedule.betas[t] / (1 - schedule.alpha_bar[t]).sqrt() * predicted) / schedule.alphas[t].sqrt()
        if t > 0:  # none after the last step
            x = x + schedule.betas[t].sqrt() * torch.randn_like(x)
    return x


if __name__ == "__main__":
    torch.manual_seed(0)
    steps = 40
    schedule = Schedule(steps)
    assert schedule.alpha_bar[-1] < 0.02  # nothing of the data is left at the end

    x, t = torch.full((20_000, 1), 1.5), 12
    walked = x
    for beta in schedule.betas[: t + 1]:  # one small step of noise after the other
        walked = (1 - beta).sqrt() * walked + beta.sqrt() * torch.randn_like(walked)
    jumped = schedule.add_noise(x, torch.full((20_000,), t), torch.randn_like(x))
    assert abs(walked.mean() - jumped.mean()) < 0.03 and abs(walked.std() - jumped.std()) < 0.03

    centres = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    data = centres[torch.randint(4, (4000,))] + 0.1 * torch.randn(4000, 2)  # four small clouds
    model = NoisePredictor(steps)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(800):
        batch = data[torch.randint(len(data), (256,))]
        t, noise = torch.randint(steps, (256,)), torch.randn(256, 2)
        optimizer.zero_grad()
        loss = F.mse_loss(model(schedule.add_noise(batch, t, noise), t), noise)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-20:]) < 0.6 * sum(losses[:20])

    made = sample(model, schedule, 1000)
    distance, nearest = torch.cdist(made, centres).min(dim=1)
    share = torch.bincount(nearest, minlength=4) / 1000
    print(
        f"within 0.4 of a cloud: {(distance < 0.4).float().mean():.0%}, shares {[round(s, 2) for s in share.tolist()]}"
    )
    assert (distance < 0.4).float().mean() > 0.8 and share.min() > 0.1
