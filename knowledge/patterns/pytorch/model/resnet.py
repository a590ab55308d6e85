# /// pattern
# id = "pt.model.resnet"
# topic = "model.vision"
# role = "model"
# provides = "resnet"
# entry = "ResNet"
# twin = "tf.model.resnet"
# questions = [
#   "resnet from scratch in pytorch",
#   "residual block with skip connection",
#   "resnet for small images cifar",
#   "resnet18 without torchvision",
#   "how do I match shapes in a skip connection when the stride is 2",
#   "residual network classifier torch",
#   "resnet clasifier for 32x32 pytroch",
# ]
# errors = ["The size of tensor a must match the size of tensor b at non-singleton dimension 1",
#   "one of the variables needed for gradient computation has been modified by an inplace operation"]
# apis = ["torch.nn.Conv2d", "torch.nn.BatchNorm2d", "torch.nn.Identity", "torch.nn.init.zeros_"]
# why = """The last BatchNorm of every block starts at zero, so each block starts as the identity and a deep network
# starts as a shallow one. Small images keep their pixels: only large ones pass the striding stem."""
# pitfalls = "`x += shortcut` overwrites what backward needs and raises; `x = x + shortcut` does not."
# when_not = "Pretrained weights are at hand and images are photographs: fine-tune those."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: The size of tensor a (32) must match the size of tensor b (64)"
# ///
"""A residual network (He et al. 2015, arXiv 1512.03385) for small and large images."""

import torch
from torch import nn


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; a 1x1 convolution fits the shortcut where the shape changes."""

    def __init__(self, in_channels: int, out_channels: int, *, stride: int, activation: type[nn.Module]) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            activation(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        nn.init.zeros_(self.residual[-1].weight)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
            )
        self.activation = activation()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C_in, H, W) to (N, C_out, H / stride, W / stride)."""
        return self.activation(self.residual(x) + self.shortcut(x))


class ResNet(nn.Module):
    """Stages of num_layers blocks, hidden_dim channels in the first, twice as many and half the side in each next.

    Images below 64 pixels a side have three stages and a 3x3 stem, as for CIFAR in section 4.2 of the paper; larger
    ones have four stages and a stem that divides the side by four.
    """

    def __init__(
        self,
        *,
        in_channels: int,
        image_size: tuple[int, int],
        num_classes: int,
        hidden_dim: int = 32,
        num_layers: int = 2,
        dropout: float = 0.25,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        large = min(image_size) >= 64
        kernel_size, stride = (7, 2) if large else (3, 1)
        stem = nn.Conv2d(in_channels, hidden_dim, kernel_size, stride=stride, padding=kernel_size // 2, bias=False)
        self.stem = nn.Sequential(stem, nn.BatchNorm2d(hidden_dim), activation())
        if large:
            self.stem.append(nn.MaxPool2d(3, stride=2, padding=1))

        blocks: list[nn.Module] = []
        channels = hidden_dim
        for stage in range(4 if large else 3):
            width = hidden_dim * 2**stage
            for number in range(num_layers):
                stride = 2 if stage > 0 and number == 0 else 1
                blocks.append(ResidualBlock(channels, width, stride=stride, activation=activation))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(channels, num_classes)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to logits (N, num_classes)."""
        features = self.blocks(self.stem(images))  # (N, width, H / s, W / s)
        return self.head(features)


if __name__ == "__main__":
    torch.manual_seed(0)
    for size in [(8, 8), (33, 47), (224, 224)]:
        deep = ResNet(in_channels=3, image_size=size, num_classes=7, hidden_dim=8)
        assert deep(torch.randn(2, 3, *size)).shape == (2, 7)

    model = ResNet(in_channels=1, image_size=(8, 8), num_classes=10, hidden_dim=16, num_layers=1)
    images, labels = torch.randn(64, 1, 8, 8), torch.randint(0, 10, (64,))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(15):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
