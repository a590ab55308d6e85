"""Learn a two-dimensional map of handwritten digits with a variational auto-encoder.

The held-out evidence bound is compared with that of a decoder that only knows the mean training image.
"""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

PIXELS = 64
LATENT = 4


class Encoder(nn.Module):
    def __init__(self, hidden: int = 96) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(PIXELS, hidden), nn.Tanh())
        self.mean = nn.Linear(hidden, LATENT)
        self.log_variance = nn.Linear(hidden, LATENT)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(x)
        return self.mean(features), self.log_variance(features)  # each (N, LATENT)


class Decoder(nn.Sequential):
    """Logits of the pixels, because their intensities are treated as probabilities."""

    def __init__(self, hidden: int = 96) -> None:
        super().__init__(nn.Linear(LATENT, hidden), nn.ReLU(), nn.Linear(hidden, PIXELS))


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return pixel logits (N, PIXELS) and the posterior; in evaluation its mean is decoded, not a sample."""
        mean, log_variance = self.encoder(x)
        z = self.sample(mean, log_variance) if self.training else mean
        return self.decoder(z), mean, log_variance

    @staticmethod
    def sample(mean: Tensor, log_variance: Tensor) -> Tensor:
        deviation = torch.exp(0.5 * log_variance)
        return mean + deviation * torch.randn_like(mean)


def negative_elbo(logits: Tensor, x: Tensor, mean: Tensor, log_variance: Tensor) -> tuple[Tensor, Tensor]:
    """Return reconstruction error and divergence from the prior, each in nats per image."""
    reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)
    divergence = -0.5 * (1.0 + log_variance - mean.square() - log_variance.exp()).sum(dim=1)
    return reconstruction.mean(), divergence.mean()


def load_images(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return training and held-out images, each pixel in 0..1."""
    images = torch.from_numpy(load_digits().data).float() / 16.0
    images = images[torch.randperm(len(images), generator=generator)]
    return images[:1500], images[1500:]


def train_step(model: VAE, optimizer: torch.optim.Optimizer, x: Tensor) -> tuple[float, float]:
    model.train()
    logits, mean, log_variance = model(x)
    reconstruction, divergence = negative_elbo(logits, x, mean, log_variance)
    loss = reconstruction + divergence
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.item(), divergence.item()


@torch.no_grad()
def held_out_error(model: VAE, images: Tensor) -> float:
    model.eval()
    logits, _, _ = model(images)
    return F.binary_cross_entropy_with_logits(logits, images, reduction="sum").item() / len(images)


def main(epochs: int = 12, batch_size: int = 50, lr: float = 3e-3) -> None:
    torch.manual_seed(2)
    generator = torch.Generator().manual_seed(2)
    train_images, test_images = load_images(generator)
    mean_image = train_images.mean(dim=0).clamp(1e-4, 1 - 1e-4)
    baseline = F.binary_cross_entropy(mean_image.expand_as(test_images), test_images, reduction="sum")

    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(epochs):
        order = torch.randperm(len(train_images), generator=generator)
        terms = [train_step(model, optimizer, train_images[rows]) for rows in order.split(batch_size)]
        reconstruction, divergence = torch.tensor(terms).mean(dim=0).tolist()
        print(f"epoch {epoch:2d}: reconstruction {reconstruction:.2f}, divergence {divergence:.2f}")
    error, reference = held_out_error(model, test_images), baseline.item() / len(test_images)
    print(f"held-out reconstruction {error:.2f} nats an image, the mean image has {reference:.2f}")


if __name__ == "__main__":
    main()
