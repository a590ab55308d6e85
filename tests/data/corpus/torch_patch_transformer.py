"""Classify oriented colour gratings with a small vision transformer over non-overlapping patches."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IMAGE, PATCH, CHANNELS = 16, 4, 3
TOKENS = (IMAGE // PATCH) ** 2
CLASSES = 6


def make_gratings(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return images (count, 3, 16, 16) with unit variance and the index of their orientation."""
    labels = torch.randint(CLASSES, (count,), generator=generator)
    angle = (labels * math.pi / CLASSES).view(-1, 1, 1)
    phase = 2 * math.pi * torch.rand(count, 1, 1, generator=generator)
    ys, xs = torch.meshgrid(torch.arange(IMAGE), torch.arange(IMAGE), indexing="ij")
    wave = torch.sin(0.9 * (xs * torch.cos(angle) + ys * torch.sin(angle)) + phase)
    colour = torch.randn(count, CHANNELS, 1, 1, generator=generator)
    noise = 0.4 * torch.randn(count, CHANNELS, IMAGE, IMAGE, generator=generator)
    images = wave.unsqueeze(1) * colour + noise
    return images / images.std(dim=(1, 2, 3), keepdim=True), labels


class SquaredReLU(torch.autograd.Function):
    """max(x, 0) squared, with the gradient written by hand to keep only one tensor."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        positive = x.clamp(min=0)
        ctx.save_for_backward(positive)
        return positive.square()

    @staticmethod
    def backward(ctx, grad_output: Tensor) -> Tensor:
        (positive,) = ctx.saved_tensors
        return grad_output * 2 * positive


class Patches(nn.Module):
    """Cut images into patches, project each to a token and say where it was."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.project = nn.Linear(CHANNELS * PATCH**2, dim)
        self.positions = nn.Parameter(0.02 * torch.randn(1, TOKENS, dim))

    def forward(self, images: Tensor) -> Tensor:
        B, side = len(images), IMAGE // PATCH
        grid = images.reshape(B, CHANNELS, side, PATCH, side, PATCH)
        patches = grid.permute(0, 2, 4, 1, 3, 5).reshape(B, TOKENS, -1)
        return self.project(patches) + self.positions


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.to_out = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        B, N, D = x.shape
        qkv = self.to_qkv(x).reshape(B, N, 3, self.heads, D // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, N, D / heads)
        scores = torch.einsum("bhid,bhjd->bhij", q, k) * (D // self.heads) ** -0.5
        weights = scores.softmax(dim=-1)
        mixed = torch.einsum("bhij,bhjd->bhid", weights, v)
        return self.to_out(mixed.transpose(1, 2).reshape(B, N, D))


class GatedMLP(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(2 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.up(x).chunk(2, dim=-1)
        return self.down(SquaredReLU.apply(gate) * value)


class VisionTransformer(nn.Module):
    def __init__(self, dim: int = 32, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.patches = Patches(dim)
        self.attention = nn.ModuleList([Attention(dim, heads) for _ in range(depth)])
        self.mlps = nn.ModuleList([GatedMLP(dim) for _ in range(depth)])
        self.norms = nn.ModuleList([nn.LayerNorm(dim) for _ in range(2 * depth)])
        self.head = nn.Sequential(nn.LayerNorm(dim), nn.Dropout(0.1), nn.Linear(dim, CLASSES))

    def forward(self, images: Tensor) -> Tensor:
        x = self.patches(images)
        for i, (attention, mlp) in enumerate(zip(self.attention, self.mlps, strict=True)):
            x = x + attention(self.norms[2 * i](x))
            x = x + mlp(self.norms[2 * i + 1](x))
        return self.head(x.mean(dim=1))  # (B, CLASSES)


def batches(images: Tensor, labels: Tensor, size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    for rows in torch.randperm(len(labels), generator=generator).split(size):
        yield images[rows], labels[rows]


def main(epochs: int = 5, batch_size: int = 32) -> None:
    torch.manual_seed(9)
    generator = torch.Generator().manual_seed(9)
    train_images, train_labels = make_gratings(640, generator)
    test_images, test_labels = make_gratings(200, generator)
    model = VisionTransformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    steps = epochs * math.ceil(len(train_labels) / batch_size)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps, pct_start=0.2)
    for epoch in range(epochs):
        model.train()
        losses = []
        for images, labels in batches(train_images, train_labels, batch_size, generator):
            loss = F.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            accuracy = (model(test_images).argmax(dim=1) == test_labels).float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
