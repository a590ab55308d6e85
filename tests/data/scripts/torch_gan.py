"""Two networks and two optimisers: a GAN on a ring of points, with grads zeroed by hand and losses that go up and down."""

import math

import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
critic = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
g_opt = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.99))
d_opt = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.99))
criterion = nn.BCEWithLogitsLoss()


def real_points(rows: int) -> torch.Tensor:
    angle = torch.rand(rows) * 2 * math.pi
    return torch.stack([angle.cos(), angle.sin()], 1)


for step in range(60):
    real, fake = real_points(64), generator(torch.randn(64, 4))
    for parameter in critic.parameters():
        parameter.grad = None
    d_loss = criterion(critic(real), torch.ones(64, 1)) + criterion(critic(fake.detach()), torch.zeros(64, 1))
    d_loss.backward()
    d_opt.step()
    g_opt.zero_grad()
    g_loss = criterion(critic(fake), torch.ones(64, 1))
    g_loss.backward()
    g_opt.step()
torch.save(generator.state_dict(), "generator.pt")
