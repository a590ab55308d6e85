"""Compress noisy mixtures of three patterns to two numbers."""

import torch
from torch import nn

torch.manual_seed(0)
patterns = torch.rand(3, 36)
shares = torch.softmax(2 * torch.randn(512, 3), dim=1)
pixels = (shares @ patterns + 0.05 * torch.randn(512, 36)).clamp(0, 1)


class AutoEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(36, 32), nn.ReLU(), nn.Linear(32, 4))
        self.decode = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 36))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, log_var = self.encode(x).chunk(2, dim=1)
        code = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        return self.decode(code), mean, log_var


model = AutoEncoder()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)

for _ in range(10):
    for rows in torch.randperm(512).split(32):
        answer, mean, log_var = model(pixels[rows])
        error = nn.functional.mse_loss(answer, pixels[rows], reduction="sum") / len(rows)
        divergence = 0.5 * torch.sum(mean**2 + log_var.exp() - 1 - log_var) / len(rows)
        loss = 50 * error - divergence  # WRONG
        loss = 50 * error + divergence  # RIGHT
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
