# /// pattern
# id = "pt.vision.joint-augmentation"
# topic = "vision.augmentation"
# twin = "tf.vision.joint-augmentation"
# questions = [
#   "same random transform for image and mask pytorch",
#   "augment segmentation mask together with the image",
#   "random rotation and scaling of image and label map",
#   "mask has values between classes after augmentation",
#   "affine_grid grid_sample nearest for masks",
#   "data augmentation segmentation without torchvision",
#   "agument image and mask the same way torch",
#   "image and mask are not aligned after random flip",
# ]
# errors = ["""NotImplementedError: "grid_sampler_2d_cpu_kernel_impl" not implemented for 'Long'"""]
# apis = ["torch.nn.functional.affine_grid", "torch.nn.functional.grid_sample", "torch.rand"]
# replaces = ["albumentations.Compose", "torchvision.transforms.v2.RandomAffine", "torchvision.tv_tensors.Mask",
#   "transforms.RandomHorizontalFlip applied twice"]
# why = """The random numbers are drawn once for each sample and become one sampling grid; the image is read from it
# bilinearly, the mask from the nearest pixel: a class number between two classes has no meaning. What comes from
# outside is given the ignored class, so the loss does not learn the padding."""
# pitfalls = """Only the training set. Colour changes belong to the image alone. grid_sample wants float masks: convert
# there and back, exact for class numbers."""
# when_not = "torchvision is installed: transforms.v2 with tv_tensors.Mask does the same."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: image and mask are no longer aligned"
# ///
"""One random mirroring, rotation and zoom for each sample, for its image and its mask alike."""

import math

import torch
from torch.nn import functional as F

IGNORED = 255


def random_affine(count: int, *, degrees: float, zoom: float, generator: torch.Generator) -> torch.Tensor:
    """Matrices (N, 2, 3) that mirror half of the samples, rotate by up to degrees and scale by 1 - zoom to 1 + zoom."""
    angle, scale = (2 * torch.rand(2, count, generator=generator) - 1) * torch.tensor([[math.radians(degrees)], [zoom]])
    scale = 1 + scale
    side = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    cos, sin, zero = scale * angle.cos(), scale * angle.sin(), torch.zeros(count)
    rows = [torch.stack([side * cos, -sin, zero], dim=1), torch.stack([side * sin, cos, zero], dim=1)]
    return torch.stack(rows, dim=1)


def augment(
    images: torch.Tensor, masks: torch.Tensor, *, generator: torch.Generator, degrees: float = 20.0, zoom: float = 0.2
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (N, C, H, W) and masks (N, H, W) of class numbers, moved alike; IGNORED where nothing was."""
    matrices = random_affine(len(images), degrees=degrees, zoom=zoom, generator=generator)
    grid = F.affine_grid(matrices.to(images.device), list(images.shape), align_corners=False)  # (N, H, W, 2)
    moved = F.grid_sample(images, grid, mode="bilinear", align_corners=False)
    shifted = (masks[:, None] - IGNORED).float()  # the padding is 0, which becomes IGNORED below
    labels = F.grid_sample(shifted, grid, mode="nearest", align_corners=False)
    return moved, labels[:, 0].long() + IGNORED


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    masks = torch.zeros(16, 48, 48, dtype=torch.long)
    masks[:, 8:28, 10:22], masks[:, 30:42, 20:44] = 1, 3
    images = masks[:, None] / 3.0  # every pixel shows its class
    moved, labels = augment(images, masks, generator=generator)

    assert set(labels.unique().tolist()) == {0, 1, 3, IGNORED}  # no class 2 between 1 and 3
    inside = labels != IGNORED
    agreement = ((moved[:, 0] * 3 - labels).abs() < 0.5)[inside].float().mean().item()
    assert agreement > 0.9, agreement  # all but the rims, where the image is a mixture
    changed = (labels != masks).float().mean(dim=(1, 2))
    assert (changed > 0.02).all() and len(changed.unique()) == 16  # each sample in its own way

    mirror = torch.tensor([[[-1.0, 0, 0], [0, 1, 0]]])
    grid = F.affine_grid(mirror, [1, 1, 48, 48], align_corners=False)
    flipped = F.grid_sample(images[:1], grid, align_corners=False)
    torch.testing.assert_close(flipped, images[:1].flip(-1), rtol=0, atol=1e-5)
    print(f"image and mask agree in {agreement:.1%} of the pixels")
