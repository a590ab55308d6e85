# /// pattern
# id = "pt.generation.vae"
# topic = "generation.vae"
# twin = "tf.generation.vae"
# questions = [
#   "variational autoencoder in pytorch",
#   "VAE reparameterization trick and KL term",
#   "generate new digits with an autoencoder",
#   "rsample or sample in torch.distributions",
#   "vae kl divergence closed form",
#   "encoder of my vae gets no gradient",
#   "vae reconstruction is blurry / all outputs look the same",
#   "variational autoencodr torch",
# ]
# apis = ["torch.randn_like", "torch.nn.functional.binary_cross_entropy_with_logits", "torch.distributions.Normal"]
# replaces = ["torch.distributions.Normal.sample"]
# why = """The code is mean + std * noise: the noise is drawn apart, so gradients pass to mean and std. Loss = what is
# lost of the image + KL to N(0, 1), both summed over their dimensions and averaged over the batch; that sum is the
# bound on the likelihood."""
# pitfalls = """A mean over pixels against a sum over codes makes the KL far too heavy, and every code collapses onto
# the prior: the same output for all. Predict the log of the variance, never the variance."""
# when_not = "Sharp images: diffusion. Only a compact code: a plain autoencoder."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the encoder gets no gradient"
# ///
"""A variational autoencoder on 8x8 digits: reparametrised codes, reconstruction plus KL, new images from noise."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F


class VAE(nn.Module):
    """Images (N, 64) in [0, 1] to pixel logits (N, 64), mean and log variance (N, code) of their codes."""

    def __init__(self, *, code: int = 8, width: int = 128) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 2 * code))
        self.decoder = nn.Sequential(nn.Linear(code, width), nn.ReLU(), nn.Linear(width, 64))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        code = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decoder(code), mean, log_variance


def kl_to_standard_normal(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """KL(N(mean, variance) || N(0, 1)) of each row, summed over its codes: (N, code) to (N,)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)


def negative_elbo(
    logits: torch.Tensor, images: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor
) -> torch.Tensor:
    """Nats for each image, a mean over the batch."""
    lost = F.binary_cross_entropy_with_logits(logits, images, reduction="none").sum(dim=1)  # (N,)
    return (lost + kl_to_standard_normal(mean, log_variance)).mean()


if __name__ == "__main__":
    torch.manual_seed(0)
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    by_torch = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(kl_to_standard_normal(mean, log_variance), by_torch)

    images = torch.tensor(load_digits().data, dtype=torch.float32) / 16  # (1797, 64)
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(8):
        for batch in images[torch.randperm(len(images))].split(64):
            optimizer.zero_grad()
            logits, mean, log_variance = model(batch)
            loss = negative_elbo(logits, batch, mean, log_variance)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0], losses

    with torch.no_grad():
        _, mean, log_variance = model(images)
        generated = model.decoder(torch.randn(500, 8)).sigmoid()  # (500, 64), new images
        restored = model.decoder(mean).sigmoid()
    assert F.mse_loss(restored, images) < 0.75 * images.var(dim=0).mean()  # codes say more than the mean image does
    nearest = torch.cdist(generated, images).min(dim=1).values.mean()
    unlike = torch.cdist(images.mean(dim=0, keepdim=True), images).mean()
    assert nearest < 0.7 * unlike  # what is drawn from noise is near to some digit
    print(f"loss {losses[0]:.1f} -> {losses[-1]:.1f} nats, KL {kl_to_standard_normal(mean, log_variance).mean():.1f}")
