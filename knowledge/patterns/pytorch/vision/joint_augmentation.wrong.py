"""Two calls of a random function: the image is mirrored, its mask may not be."""

import torch


def random_flip(x: torch.Tensor) -> torch.Tensor:
    """Mirror each sample of a batch with probability one half."""
    flipped = torch.rand(len(x)) < 0.5
    return torch.where(flipped.view(-1, *[1] * (x.ndim - 1)), x.flip(-1), x)


torch.manual_seed(0)
masks = torch.zeros(64, 16, 16, dtype=torch.long)
masks[:, :, :8] = 1
images = masks[:, None].float()
images, masks = random_flip(images), random_flip(masks)  # wrong: draw once, use for both
agreement = (images[:, 0] == masks).float().mean().item()
assert agreement == 1, f"image and mask are no longer aligned: {agreement:.0%} of the pixels agree"
