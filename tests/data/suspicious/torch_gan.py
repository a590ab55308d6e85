"""Right although gradients reach the other optimiser's parameters and one loss rises: two networks compete."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def real_points(count: int) -> Tensor:
    """Points near a circle of radius two, shape (count, 2)."""
    angle = 6.2832 * torch.rand(count)
    return 2.0 * torch.stack([angle.cos(), angle.sin()], dim=1) + 0.1 * torch.randn(count, 2)


def main(steps: int = 400, batch: int = 64) -> None:
    torch.manual_seed(3)
    generator = nn.Sequential(nn.Linear(4, 48), nn.LeakyReLU(0.2), nn.Linear(48, 2))
    critic = nn.Sequential(nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1))
    generator_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.99))
    critic_optimizer = torch.optim.Adam(critic.parameters(), lr=2e-3, betas=(0.5, 0.99))
    ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)
    for step in range(1, steps + 1):
        real, fake = real_points(batch), generator(torch.randn(batch, 4))
        critic_loss = F.binary_cross_entropy_with_logits(critic(real), ones)
        critic_loss = critic_loss + F.binary_cross_entropy_with_logits(critic(fake.detach()), zeros)
        critic_optimizer.zero_grad()
        critic_loss.backward()
        critic_optimizer.step()

        generator_loss = F.binary_cross_entropy_with_logits(critic(fake), ones)
        generator_optimizer.zero_grad()
        generator_loss.backward()
        generator_optimizer.step()
        if step % 100 == 0:
            with torch.no_grad():
                radius = generator(torch.randn(500, 4)).norm(dim=1)
            print(f"step {step}: critic {critic_loss.item():.3f}, generator {generator_loss.item():.3f}")
            print(f"  radius {radius.mean().item():.2f} +- {radius.std().item():.2f}")


if __name__ == "__main__":
    main()
