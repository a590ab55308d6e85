# /// pattern
# id = "pt.vision.vision-transformer"
# topic = "vision.classification"
# twin = "tf.vision.vision-transformer"
# questions = [
#   "vision transformer from scratch in pytorch",
#   "vit patch embedding with a convolution",
#   "split an image into patches torch",
#   "class token and position embedding for images",
#   "small ViT for cifar without timm",
#   "transformer for image classification, how do I add positions",
#   "vison transformer pytroch",
#   "my patches look scrambled after view / reshape",
# ]
# errors = ["The size of tensor a (197) must match the size of tensor b (65) at non-singleton dimension 1"]
# apis = ["torch.nn.TransformerEncoderLayer", "torch.nn.TransformerEncoder", "torch.nn.Conv2d", "torch.nn.Parameter"]
# replaces = ["timm.create_model('vit_tiny')", "torchvision.models.vit_b_16", "einops.rearrange"]
# why = """A convolution whose stride is its kernel size is one linear map for each patch. Attention does not know where
# a token came from: a learnt position is added to each, or the network could not tell an image from a shuffled one, as
# the demo shows. A class token collects the answer."""
# pitfalls = """Positions are made for one image size; for another, interpolate them as an image. Train with warm-up and
# AdamW: transformers start badly at a full rate."""
# when_not = "A few thousand images and no pretrained weights: a small CNN learns more from them."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: a patch holds pixels from"
# ///
"""A small vision transformer (Dosovitskiy et al., arXiv 2010.11929): patches as tokens."""

import torch
from torch import nn


class VisionTransformer(nn.Module):
    """Images (N, C, S, S) to logits (N, K)."""

    def __init__(
        self, *, image_size: int, patch_size: int, channels: int, width: int, depth: int, heads: int, num_classes: int
    ) -> None:
        super().__init__()
        num_patches = (image_size // patch_size) ** 2
        self.patch_embedding = nn.Conv2d(channels, width, kernel_size=patch_size, stride=patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(0.02 * torch.randn(1, 1 + num_patches, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, dim_feedforward=4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, depth, nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        patches = self.patch_embedding(images).flatten(2).transpose(1, 2)  # (N, P, width), row by row
        tokens = torch.cat([self.class_token.expand(len(images), -1, -1), patches], dim=1)  # (N, 1 + P, width)
        return self.head(self.encoder(tokens + self.positions)[:, 0])


def patches_swapped(images: torch.Tensor, size: int) -> torch.Tensor:
    """The left and the right halves changed over, which moves whole patches."""
    return images.roll(images.shape[-1] // 2 // size * size, dims=-1)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = VisionTransformer(image_size=16, patch_size=4, channels=3, width=32, depth=2, heads=4, num_classes=2)
    images = 0.5 * torch.randn(128, 3, 16, 16)

    # The convolution is a linear map of each patch: patch 6 is row 1, column 2.
    patch = images[:, :, 4:8, 8:12].flatten(1)  # (N, 48)
    weight, bias = model.patch_embedding.weight.flatten(1), model.patch_embedding.bias
    torch.testing.assert_close(
        model.patch_embedding(images).flatten(2)[:, :, 6], patch @ weight.T + bias, rtol=1e-4, atol=1e-5
    )

    labels = torch.randint(0, 2, (128,))
    rows = torch.arange(128)
    images[rows, :, :, :8] += 2 * (1 - labels).view(-1, 1, 1, 1)  # bright on the left: class 0; on the right: class 1
    images[rows, :, :, 8:] += 2 * labels.view(-1, 1, 1, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0], losses

    with torch.no_grad():
        swapped = patches_swapped(images, 4)
        assert (model(swapped).argmax(1) != labels).float().mean() > 0.9  # left has become right
        model.positions[:, 1:] = 0
        torch.testing.assert_close(model(swapped), model(images), rtol=1e-3, atol=1e-4)  # blind without positions
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}")
