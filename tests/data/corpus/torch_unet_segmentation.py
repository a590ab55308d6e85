"""Segment bright blobs on a noisy background with a small U-Net, in mixed precision with scaled gradients."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.amp import GradScaler, autocast
from torch.utils.data import DataLoader, Dataset

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
AMP_DTYPE = torch.float16 if DEVICE == "cuda" else torch.bfloat16
SIZE = 32
ACCUMULATE = 2


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images (count, SIZE, SIZE, 3) in 0..255 and masks (count, SIZE, SIZE) of zeros and ones."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    images = rng.normal(110.0, 30.0, (count, SIZE, SIZE, 3))
    masks = np.zeros((count, SIZE, SIZE), dtype=np.uint8)
    for image, mask in zip(images, masks, strict=True):
        for row, column in rng.uniform(4, SIZE - 4, (rng.integers(1, 4), 2)):
            inside = (rows - row) ** 2 + (columns - column) ** 2 < rng.uniform(3, 6) ** 2
            image[inside] += rng.uniform(30, 60, 3)
            mask[inside] = 1
    return images.clip(0, 255).astype(np.uint8), masks


class BlobDataset(Dataset[tuple[Tensor, Tensor]]):
    """Yields images (3, SIZE, SIZE) around zero and masks (1, SIZE, SIZE); training pairs are flipped at random."""

    def __init__(self, images: np.ndarray, masks: np.ndarray, *, augment: bool = False) -> None:
        self.images = images
        self.masks = masks
        self.augment = augment

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image = torch.from_numpy(self.images[index]).permute(2, 0, 1).float()
        image = (image / 255.0 - 0.45) / 0.15
        mask = torch.from_numpy(self.masks[index]).float().unsqueeze(0)
        if self.augment and torch.rand(()) < 0.5:
            image, mask = image.flip(-1), mask.flip(-1)
        return image, mask


class ConvBlock(nn.Sequential):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            *(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)),
            *(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)),
        )


class Gate(nn.Module):
    """Scale each channel by what the whole image holds (squeeze and excitation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Conv2d(channels, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.scale(x.mean(dim=(2, 3), keepdim=True)))


class UNet(nn.Module):
    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.down1 = ConvBlock(3, width)
        self.down2 = ConvBlock(width, 2 * width)
        self.bottom = nn.Sequential(ConvBlock(2 * width, 4 * width), Gate(4 * width))
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, kernel_size=2, stride=2)
        self.merge2 = ConvBlock(4 * width, 2 * width)
        self.up1 = nn.ConvTranspose2d(2 * width, width, kernel_size=2, stride=2)
        self.merge1 = ConvBlock(2 * width, width)
        self.head = nn.Conv2d(width, 1, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        fine = self.down1(x)  # (N, width, S, S)
        middle = self.down2(F.max_pool2d(fine, 2))
        deep = self.bottom(F.max_pool2d(middle, 2))
        middle = self.merge2(torch.cat([self.up2(deep), middle], dim=1))
        fine = self.merge1(torch.cat([self.up1(middle), fine], dim=1))
        return self.head(fine)  # (N, 1, S, S) logits


def segmentation_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Binary cross-entropy plus the soft Dice loss, both over the batch."""
    probabilities = torch.sigmoid(logits)
    overlap = (probabilities * masks).sum()
    dice = 1.0 - (2.0 * overlap + 1.0) / (probabilities.sum() + masks.sum() + 1.0)
    return F.binary_cross_entropy_with_logits(logits, masks) + dice


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients, and training mode again afterwards."""
    model.eval()
    with torch.inference_mode():
        yield
    model.train()


def intersection_over_union(model: nn.Module, loader: DataLoader) -> float:
    intersection = union = 0
    with evaluating(model):
        for images, masks in loader:
            predicted = torch.sigmoid(model(images.to(DEVICE))) > 0.5
            wanted = masks.to(DEVICE) > 0.5
            intersection += int((predicted & wanted).sum())
            union += int((predicted | wanted).sum())
    return intersection / max(union, 1)


def main(epochs: int = 3, batch_size: int = 8) -> None:
    torch.manual_seed(17)
    train_set, val_set = BlobDataset(*draw(208, seed=1), augment=True), BlobDataset(*draw(60, seed=2))
    train_loader = DataLoader(train_set, batch_size, shuffle=True, num_workers=2)
    val_loader = DataLoader(val_set, batch_size=20)
    model = UNet().to(DEVICE)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scaler = GradScaler(DEVICE)
    for epoch in range(epochs):
        total = 0.0
        for index, (images, masks) in enumerate(train_loader, start=1):
            images, masks = images.to(DEVICE), masks.to(DEVICE)
            with autocast(DEVICE, dtype=AMP_DTYPE):
                logits = model(images)
            loss = segmentation_loss(logits.float(), masks)
            scaler.scale(loss / ACCUMULATE).backward()
            if index % ACCUMULATE == 0:
                scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
                scaler.step(optimizer)
                scaler.update()
                optimizer.zero_grad(set_to_none=True)
            total += loss.item()
        iou = intersection_over_union(model, val_loader)
        print(f"epoch {epoch}: loss {total / len(train_loader):.3f}, held-out overlap {iou:.3f}")


if __name__ == "__main__":
    main()
