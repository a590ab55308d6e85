"""Right although half of the loss is detached and the loss is negative: BYOL predicts a slow copy of itself."""

import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn


def augment(x: Tensor) -> Tensor:
    """Hide a fifth of the pixels and add noise."""
    return x * (torch.rand_like(x) > 0.2) + 0.1 * torch.randn_like(x)


def nearest_neighbour_accuracy(encoder: nn.Module, x: Tensor, y: Tensor, cut: int) -> float:
    encoder.eval()
    with torch.no_grad():
        features = F.normalize(encoder(x), dim=1)
    encoder.train()
    nearest = (features[cut:] @ features[:cut].T).argmax(dim=1)
    return (y[:cut][nearest] == y[cut:]).float().mean().item()


def main(steps: int = 150, batch: int = 128) -> None:
    torch.manual_seed(14)
    pixels, digits = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    order = torch.randperm(len(digits))
    pixels, digits, cut = pixels[order].float() / 16.0, digits[order], 1400
    online = nn.Sequential(nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 32))
    predictor = nn.Sequential(nn.Linear(32, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 32))
    target = copy.deepcopy(online).requires_grad_(False)
    optimizer = torch.optim.AdamW([*online.parameters(), *predictor.parameters()], lr=2e-3)
    for step in range(1, steps + 1):
        images = pixels[torch.randint(cut, (batch,))]
        first, second = augment(images), augment(images)
        with torch.no_grad():
            aims = target(second), target(first)
        guesses = predictor(online(first)), predictor(online(second))
        loss = -sum(F.cosine_similarity(guess, aim).mean() for guess, aim in zip(guesses, aims, strict=True)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for slow, fast in zip(target.parameters(), online.parameters(), strict=True):
                slow.lerp_(fast, 0.02)
        if step % 50 == 0:
            accuracy = nearest_neighbour_accuracy(online, pixels, digits, cut)
            print(f"step {step}: loss {loss.item():.3f}, held-out accuracy by neighbours {accuracy:.3f}")


if __name__ == "__main__":
    main()
