"""Right although two evaluations differ: this auto-encoder estimates its bound from random samples by definition."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn


class VAE(nn.Module):
    def __init__(self, latent: int = 6) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2 * latent))
        self.decoder = nn.Sequential(nn.Linear(latent, 64), nn.ReLU(), nn.Linear(64, 64))

    def forward(self, x: Tensor) -> Tensor:
        """Return the negative evidence bound in nats, averaged over the batch, from one sample an image."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        reconstruction = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="none").sum(1)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(1)
        return (reconstruction + divergence).mean()


def main() -> None:
    torch.manual_seed(2)
    images = torch.from_numpy(load_digits().data).float() / 16.0
    images = images[torch.randperm(len(images))]
    train, test = images[:1500], images[1500:]
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(10):
        model.train()
        total = 0.0
        for rows in torch.randperm(len(train)).split(50):
            loss = model(train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        model.eval()
        with torch.no_grad():
            bound = torch.stack([model(test) for _ in range(5)]).mean().item()
        print(f"epoch {epoch}: loss {total / len(train):.2f}, held-out {bound:.2f}")


if __name__ == "__main__":
    main()
